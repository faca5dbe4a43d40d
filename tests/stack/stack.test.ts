import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { CREATOR } from "../../local/sample/people.ts";
import { makePng } from "../../local/sample/png.ts";
import { type RunningStack, startStack } from "../../local/stack.ts";
import { createS3ObjectStore } from "../../supabase/functions/_shared/adapters/s3/object_store.ts";
import { withClient } from "../../local/with_client.ts";
import { eventually } from "../support/eventually.ts";

async function withFolder(run: (dataDir: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-stack-" });
  await Deno.chmod(folder, 0o755);
  try {
    await run(join(folder, "data"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function client(stack: RunningStack, key: string): SupabaseClient {
  return createClient(stack.details.apiUrl, key, { auth: { persistSession: false, autoRefreshToken: false } });
}

async function rows<Row = Record<string, unknown>>(stack: RunningStack, text: string): Promise<Row[]> {
  return await withClient(stack.details.dbUrl, async (database) => (await database.query(text)).rows);
}

/** Compares arrays without an assertion on them, which would take minutes to show how long arrays differ. */
function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  strictEqual(actual.length, expected.length);
  ok(actual.every((byte, index) => byte === expected[index]), "the bytes differ");
}

async function childrenOfThisProcess(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "ppid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.trim())
    .filter((line) => line.startsWith(`${Deno.pid} `) && !line.includes(" ps -A "));
}

Deno.test("the stack", { sanitizeOps: false, sanitizeResources: false }, async (t) => {
  await withFolder(async (dataDir) => {
    const before = await childrenOfThisProcess();
    const stack = await startStack({
      portBase: null,
      dataDir,
      functionsDir: fileURLToPath(new URL("./functions", import.meta.url)),
      postgresSettings: { fsync: "off" },
    });
    const { details } = stack;
    const service = client(stack, details.secretKey);
    const visitor = client(stack, details.publishableKey);
    try {
      await t.step("writes stack.json with what people and tests need", async () => {
        const written = JSON.parse(await Deno.readTextFile(join(dataDir, "stack.json")));
        deepStrictEqual(written, details);
        deepStrictEqual(
          Object.keys(written).join(" "),
          "apiUrl functionsUrl publishableKey secretKey dbUrl s3Endpoint s3Bucket s3AccessKeyId s3SecretAccessKey " +
            "mailboxUrl adminUrl adminEmail adminPassword",
        );
      });

      await t.step("holds the sample project: tables, rows, users, buckets and valid images", async () => {
        const tables = await rows<{ name: string; rows: number }>(
          stack,
          `select c.relname as name, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from only %s',
             c.oid::regclass), false, true, '')))[1]::text::integer as rows
           from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and c.relname not like 'backup%'`,
        );
        ok(tables.length >= 25, `${tables.length} tables`);
        const total = tables.reduce((sum, table) => sum + table.rows, 0);
        ok(total > 45_000 && total < 75_000, `${total} rows`);
        ok(tables.filter((table) => table.rows > 1000).length >= 15);

        const files = await rows(
          stack,
          `select b.id, count(o.*)::integer as files, count(distinct o.metadata ->> 'size')::integer as sizes
           from storage.buckets b left join storage.objects o on o.bucket_id = b.id group by b.id order by b.id`,
        );
        deepStrictEqual(files, [
          { id: "brand-logos", files: 0, sizes: 0 },
          { id: "career-cvs", files: 0, sizes: 0 },
          { id: "portfolio-media", files: 7, sizes: 7 },
          { id: "profile-images", files: 36, sizes: 36 },
        ]);
      });

      await t.step("lets the admin sign in, and has_role and row level security know them", async () => {
        const { data, error } = await visitor.auth.signInWithPassword({
          email: details.adminEmail,
          password: details.adminPassword,
        });
        strictEqual(error, null);
        const user = await visitor.auth.getUser(data.session!.access_token);
        strictEqual(user.data.user?.email, details.adminEmail);
        const asked = { _user_id: data.user!.id, _role: "admin" };
        strictEqual((await service.rpc("has_role", asked)).data, true);
        strictEqual((await service.rpc("has_role", { ...asked, _role: "creator" })).data, false);

        strictEqual((await visitor.from("payments").select("id").limit(5)).data?.length, 5);
        const creator = client(stack, details.publishableKey);
        await creator.auth.signInWithPassword(CREATOR);
        deepStrictEqual((await creator.from("payments").select("id").limit(5)).data, []);
        const nobody = client(stack, details.publishableKey);
        ok((await nobody.from("payments").select("id")).error !== null);
        ok((await nobody.auth.signInWithPassword({ ...CREATOR, password: "wrong" })).error !== null);
      });

      await t.step("answers browsers about tables that migrations made, as the hosted API does", async () => {
        const url = `${details.apiUrl}/rest/v1/backup_history?select=id`;
        await eventually("the API knows the table", async () => {
          const { ok, body } = await fetch(url, { headers: { apikey: details.secretKey, prefer: "count=exact" } });
          await body?.cancel();
          return ok;
        });
        const preflight = await fetch(url, {
          method: "OPTIONS",
          headers: {
            origin: "http://127.0.0.1:1",
            "access-control-request-method": "GET",
            "access-control-request-headers": "apikey,authorization",
          },
        });
        await preflight.body?.cancel();
        ok(preflight.ok);
        match(preflight.headers.get("access-control-allow-headers")!, /authorization/);
        match(preflight.headers.get("access-control-expose-headers")!, /content-range/);
      });

      await t.step("has a bucket that browsers may read, and lists it page by page", async () => {
        const bucket = createS3ObjectStore({
          bucket: details.s3Bucket,
          region: "us-east-1",
          endpoint: details.s3Endpoint,
          accessKeyId: details.s3AccessKeyId,
          secretAccessKey: details.s3SecretAccessKey,
        });
        const keys = Array.from({ length: 1_001 }, (_, index) => `listed/${String(index).padStart(4, "0")}`);
        const plain = { contentType: "application/octet-stream" };
        const put = async () => {
          for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
            await bucket.put(key, new Uint8Array(1), plain);
          }
        };
        await Promise.all(Array.from({ length: 8 }, put));
        let listed = 0;
        for await (const _ of bucket.list("listed/")) listed++;
        strictEqual(listed, 1_001);

        // A browser lets the page read the answer only with this header.
        const read = await fetch(`${details.s3Endpoint}/${details.s3Bucket}/listed/0000`, {
          headers: { origin: "http://127.0.0.1:1" },
        });
        await read.body?.cancel();
        strictEqual(read.headers.get("access-control-allow-origin"), "*");
      });

      await t.step(
        "returns uploaded files byte for byte, with type, cache control, ETag and user metadata",
        async () => {
          const image = makePng(300, 200, 7);
          const path = "a folder/ä + b & c=d, é.png";
          const bucket = service.storage.from("brand-logos");
          const { error } = await bucket.upload(path, image, {
            contentType: "image/png",
            cacheControl: "123",
            metadata: { note: "kept ä" },
          });
          strictEqual(error, null);
          const downloaded = await bucket.download(path);
          sameBytes(new Uint8Array(await downloaded.data!.arrayBuffer()), image);

          const url = `${details.apiUrl}/storage/v1/object/brand-logos/${
            path.split("/").map(encodeURIComponent).join("/")
          }`;
          const response = await fetch(url, { headers: { apikey: details.secretKey } });
          sameBytes(await response.bytes(), image);
          for (const start of [0, 100, image.length - 1]) {
            const rest = await fetch(url, { headers: { apikey: details.secretKey, range: `bytes=${start}-` } });
            strictEqual(rest.status, 206);
            strictEqual(rest.headers.get("content-range"), `bytes ${start}-${image.length - 1}/${image.length}`);
            strictEqual(rest.headers.get("etag"), response.headers.get("etag"));
            sameBytes(await rest.bytes(), image.subarray(start));
          }
          const [{ metadata, user_metadata }] = await rows<
            { metadata: Record<string, unknown>; user_metadata: unknown }
          >(
            stack,
            "select metadata, user_metadata from storage.objects where bucket_id = 'brand-logos'",
          );
          deepStrictEqual(user_metadata, { note: "kept ä" });
          strictEqual(metadata.size, image.length);
          strictEqual(response.headers.get("etag"), metadata.eTag);
          strictEqual(response.headers.get("content-type"), "image/png");
          strictEqual(response.headers.get("cache-control"), "max-age=123");
          strictEqual(
            (await bucket.upload(path, makePng(9, 9, 1), { contentType: "image/png", upsert: true })).error,
            null,
          );
          sameBytes(new Uint8Array(await (await bucket.download(path)).data!.arrayBuffer()), makePng(9, 9, 1));
          strictEqual((await bucket.remove([path])).error, null);
          ok((await bucket.download(path)).error !== null);
        },
      );

      await t.step("runs jobs and sends their requests to functions as cron and pg_net do", async () => {
        await rows(
          stack,
          `select cron.schedule('test', '1 second', $$ select net.http_post(
             url := (select decrypted_secret from vault.decrypted_secrets where name = 'project_url') || '/functions/v1/hello',
             headers := jsonb_build_object('apikey',
               (select decrypted_secret from vault.decrypted_secrets where name = 'backup_secret_key')),
             body := jsonb_build_object('trigger', 'cron'), timeout_milliseconds := 5000) $$)`,
        );
        const answers = await eventually("the job's request is answered", async () => {
          const answers = await rows(stack, "select status_code, content from net._http_response");
          return answers.length > 0 && answers as { status_code: number; content: string }[];
        });
        await rows(stack, "select cron.unschedule('test')");
        strictEqual(answers[0].status_code, 200);
        const seen = JSON.parse(answers[0].content);
        deepStrictEqual([seen.apikey, JSON.parse(seen.body)], [details.secretKey, { trigger: "cron" }]);
        await eventually("the runs of the job have succeeded", async () => {
          const runs = await rows(stack, "select distinct status from cron.job_run_details");
          return JSON.stringify(runs) === JSON.stringify([{ status: "succeeded" }]);
        });
      });

      await t.step("says which port is taken when it is started twice", async () => {
        const base = Number(new URL(details.apiUrl).port);
        await rejects(startStack({ portBase: base, dataDir }), { code: "port_taken" });
        match(await Deno.readTextFile(join(dataDir, "stack.json")), /apiUrl/);
      });
    } finally {
      await stack.stop();
    }

    await t.step("leaves no process and no stack.json when it is stopped", async () => {
      deepStrictEqual(await childrenOfThisProcess(), before);
      await rejects(Deno.stat(join(dataDir, "stack.json")), Deno.errors.NotFound);
    });

    await t.step("finds its data again, and says which part ended by itself", async () => {
      const again = await startStack({ portBase: null, dataDir, postgresSettings: { fsync: "off" } });
      try {
        strictEqual((await rows(again, "select from storage.objects")).length, 43);
        const [{ pid }] = await withClient(
          again.superuserUrl,
          async (database) =>
            (await database.query("select pg_read_file('postmaster.pid') as pid")).rows as { pid: string }[],
        );
        Deno.kill(Number(pid.split("\n")[0]), "SIGKILL");
        strictEqual(await again.broken, "postgres");
      } finally {
        await again.stop();
      }
      deepStrictEqual(await childrenOfThisProcess(), before);
    });
  });
});

Deno.test(
  "a stack that cannot start leaves nothing behind",
  { sanitizeOps: false, sanitizeResources: false },
  async () => {
    await withFolder(async (dataDir) => {
      const before = await childrenOfThisProcess();
      await rejects(startStack({ portBase: null, dataDir, postgresSettings: { shared_buffers: "nonsense" } }), {
        code: "postgres_failed",
      });
      deepStrictEqual(await childrenOfThisProcess(), before);
    });
  },
);
