import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { freshDatabase, reasonToSkip, runSql, stopServers, type TestDatabase } from "../support/postgres.ts";
import { keysIn, readObject } from "../support/bucket_contents.ts";
import { errorXml, FaultyProxy } from "../support/faulty_proxy.ts";
import { type S3Server, startS3rver, storeOn } from "../support/s3_server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { eventually } from "../support/eventually.ts";

const script = fileURLToPath(new URL("../../scripts/backup.sh", import.meta.url));
const noVersitygw = await versitygwIsMissing();
const reason = reasonToSkip(15) ?? await toolMissing();
const onServer = noVersitygw ? ` (on s3rver: ${noVersitygw})` : "";
const options = { ignore: reason !== null, sanitizeOps: false, sanitizeResources: false };

/** SQL for so many rows that the dump does not fit into the buffers of the pipes. */
const SAMPLE = `
  create table public.orders (id integer primary key, note text not null);
  insert into public.orders select n, md5(n::text) || repeat(md5((n * 7)::text), 10) from generate_series(1, 20000) n;
  create table public."odd name" (body text);
  insert into public."odd name" values ('PostgreSQL database dump complete');`;

Deno.test({
  name: `scripts/backup.sh stores a whole pg_dump or fails${reason ? `: ${reason}` : onServer}`,
  ...options,
  async fn(test) {
    await using server = noVersitygw ? await startS3rver() : await startVersitygw();
    const store = storeOn(server);
    const source = await freshDatabase(15);
    await runSql(source.url, SAMPLE);
    try {
      await test.step("the file restores with psql, and the bucket holds every byte", async () => {
        const { code, out, err } = await backUp(source, server);
        strictEqual(code, 0, out + err);
        const [key] = await keysIn(store);
        match(key, /^database-backups\/db-backup-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.sql\.gz$/);
        const file = await readObject(store, key);
        match(out, new RegExp(`done: ${key}, ${file.length} bytes, sha256 [0-9a-f]{64}`));
        strictEqual((await store.head(key)).contentType, "application/gzip");
        const target = await freshDatabase(15);
        await psql(target.superuserUrl, gunzipSync(file));
        const digest =
          "select count(*)::integer as n, md5(string_agg(note, '' order by id)) as digest from public.orders";
        deepStrictEqual(await runSql(target.url, digest), await runSql(source.url, digest));
        await store.remove([key]);
      });

      await test.step("a password with signs of every kind reaches pg_dump, and nobody else", async () => {
        const password = "p@ss:w%rd/\\ ?#&";
        await runSql(source.superuserUrl, `create role "script_reader" login superuser password '${password}'`);
        const url = new URL(source.url);
        url.username = "script_reader";
        url.password = encodeURIComponent(password);
        const { code, out, err } = await backUp(source, server, { SUPABASE_DB_URL: url.href });
        strictEqual(code, 0, out + err);
        ok(!(out + err).includes(password) && !(out + err).includes(encodeURIComponent(password)));
        await store.remove(await keysIn(store));
      });

      await test.step("options are passed on to pg_dump", async () => {
        const { code } = await backUp(source, server, {}, ["--exclude-table=public.orders"]);
        strictEqual(code, 0);
        const [key] = await keysIn(store);
        ok(!gunzipSync(await readObject(store, key)).toString().includes("orders"));
        await store.remove([key]);
      });

      await test.step("missing settings are all named: 2", async () => {
        const { code, err } = await backUp(source, server, { SUPABASE_DB_URL: "", AWS_REGION: "" });
        deepStrictEqual([code, err], [2, "backup.sh: missing: SUPABASE_DB_URL\nbackup.sh: missing: AWS_REGION\n"]);
      });

      await test.step("what pg_dump refuses is stored nowhere", async () => {
        for (
          const [what, url] of [
            ["database", source.url.replace(/\/test_\d+$/, "/not_there")],
            ["server", "postgres://postgres:sample@127.0.0.1:9/postgres"],
          ]
        ) {
          const { code, err } = await backUp(source, server, { SUPABASE_DB_URL: url });
          deepStrictEqual([code, /pg_dump failed/.test(err)], [1, true], what);
        }
        await runSql(
          source.superuserUrl,
          "create table public.secret (n integer); revoke all on public.secret from public",
        );
        await runSql(source.superuserUrl, "create role script_stranger login password 'sample-stranger'");
        const url = new URL(source.url);
        url.username = "script_stranger";
        url.password = "sample-stranger";
        const { code, err } = await backUp(source, server, { SUPABASE_DB_URL: url.href });
        deepStrictEqual([code, /permission denied[\s\S]*pg_dump failed/.test(err)], [1, true], err);
        deepStrictEqual(await keysIn(store), []);
      });

      await test.step("a connection cut in the middle of the dump is stored nowhere", async () => {
        await using proxy = new TcpProxy(Number(new URL(source.url).port));
        const url = new URL(source.url);
        url.port = String(proxy.port);
        proxy.fallSilentAfter(2_000_000);
        const running = backUp(source, server, { SUPABASE_DB_URL: url.href });
        await eventually("the dump has come so far", () => proxy.isSilent);
        proxy.cut();
        const { code, err } = await running;
        deepStrictEqual([code, /pg_dump failed/.test(err)], [1, true], err);
        deepStrictEqual(await keysIn(store), []);
      });

      await test.step("a dump without its end is stored nowhere, whatever pg_dump's exit code says", async () => {
        for (const [what, words] of [["half", "head -c 300000"], ["empty", "head -c 0"]]) {
          const folder = await standIn("pg_dump", `${await which("pg_dump")} "$@" 2>/dev/null | ${words}; exit 0`);
          const { code, err } = await backUp(source, server, { PATH: `${folder}:${Deno.env.get("PATH")}` });
          deepStrictEqual([code, /it was cut off|is empty/.test(err)], [1, true], `${what}: ${err}`);
          await Deno.remove(folder, { recursive: true });
        }
        deepStrictEqual(await keysIn(store), []);
      });

      await test.step("a bucket that is not there, a wrong key and a broken store fail the backup", async () => {
        strictEqual((await backUp(source, server, { AWS_S3_BUCKET: "not-there" })).code, 1);
        if (!noVersitygw) {
          strictEqual((await backUp(source, server, { AWS_SECRET_ACCESS_KEY: "sample-wrong-secret" })).code, 1);
        }
        await using proxy = new FaultyProxy(server.settings.endpoint);
        const answer = { kind: "answer", status: 500, body: errorXml("InternalError") } as const;
        proxy.arm(answer, ({ method }) => method === "PUT" || method === "POST");
        const upload = await backUp(source, server, { S3_ENDPOINT: proxy.url });
        deepStrictEqual([upload.code, /upload failed/.test(upload.err)], [1, true], upload.err);

        proxy.arm({ kind: "answer", status: 404 }, ({ method }) => method === "HEAD");
        const lost = await backUp(source, server, { S3_ENDPOINT: proxy.url });
        deepStrictEqual([lost.code, /does not say whether/.test(lost.err)], [1, true], lost.err);
      });

      await test.step("an object that is shorter than what was sent fails the backup", async () => {
        const folder = await standIn(
          "aws",
          `
          result=$(${await which("aws")} "$@") || exit
          [[ " $* " == *" head-object "* ]] && result=$((result - 1))
          printf '%s\\n' "$result"`,
        );
        const { code, err } = await backUp(source, server, { PATH: `${folder}:${Deno.env.get("PATH")}` });
        deepStrictEqual([code, /the bucket holds \d+ bytes of .*, but \d+ were sent/.test(err)], [1, true], err);
        await Deno.remove(folder, { recursive: true });
      });
    } finally {
      await stopServers();
    }
  },
});

async function backUp(
  source: TestDatabase,
  { settings }: S3Server,
  changes: Record<string, string> = {},
  args: string[] = [],
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: [script, ...args],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      SUPABASE_DB_URL: source.url,
      AWS_S3_BUCKET: settings.bucket,
      AWS_ACCESS_KEY_ID: settings.accessKeyId,
      AWS_SECRET_ACCESS_KEY: settings.secretAccessKey,
      AWS_REGION: settings.region,
      S3_ENDPOINT: settings.endpoint,
      AWS_MAX_ATTEMPTS: "1",
      ...changes,
    },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

async function psql(url: string, sql: Uint8Array): Promise<void> {
  const child = new Deno.Command("psql", {
    args: ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", url],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(sql);
  await writer.close();
  const { code, stderr } = await child.output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
}

/** Creates a folder with a program that reports success without having done its work, as wrappers and full disks do. */
async function standIn(program: string, body: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-cli-" });
  await Deno.writeTextFile(`${folder}/${program}`, `#!/usr/bin/env bash\n${body}\n`, { mode: 0o755 });
  return folder;
}

async function which(program: string): Promise<string> {
  const { code, stdout } = await new Deno.Command("bash", { args: ["-c", `command -v ${program}`] }).output();
  return code === 0 ? new TextDecoder().decode(stdout).trim() : "";
}

/** The AWS CLI comes from PyPI or the distribution; the runners of GitHub have it. */
async function toolMissing(): Promise<string | null> {
  for (const program of ["aws", "pg_dump", "psql", "gzip", "sha256sum"]) {
    if (await which(program) === "") return `${program} is not installed`;
  }
  const { code } = await new Deno.Command("aws", { args: ["--version"], stdout: "null", stderr: "null" }).output();
  return code === 0 ? null : "aws does not run";
}
