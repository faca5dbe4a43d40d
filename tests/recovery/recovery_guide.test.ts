import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { S3_ACCESS_KEY_ID, S3_BUCKET, S3_SECRET_ACCESS_KEY, SECRET_KEY } from "../../local/keys.ts";
import { startS3 } from "../../local/s3.ts";
import { withClient } from "../../local/with_client.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import type { MediaManifest } from "../../supabase/functions/_shared/engine/format/media_manifest.ts";
import { RESTORE_PREAMBLE } from "../../supabase/functions/_shared/engine/restore/preamble.ts";
import { keysIn, readObject, sha256 } from "../support/bucket_contents.ts";
import { LiveProject } from "../support/live_project.ts";
import { type EmptyProject, startEmptyProject } from "./empty_project.ts";
import { follow, isInstalled, missingTool, readGuideBlocks, run, type Shell } from "./guide_blocks.ts";
import { assertDigests } from "./digests.ts";

const missing = await missingTool();
const everyType = new URL("../dump/every_type.sql", import.meta.url);

Deno.test({
  name: `the recovery guide's own commands rebuild a project from the bucket${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-guide-" });
    const bucketFolder = await Deno.makeTempDir({ prefix: "lifeboat-guide-" });
    const server = await startS3({ port: 0, dataDir: bucketFolder });
    const s3 = { ...sampleBucket, endpoint: `http://127.0.0.1:${server.port}` };
    try {
      const point = await lostProject(folder, s3);
      await using project = await startEmptyProject();
      await recover(test, folder, point, project);
      await test.step(
        "Lifeboat's own command does the same in three lines",
        () => commandLine(s3, point, project),
      );
    } finally {
      await server.stop();
      await Deno.remove(bucketFolder, { recursive: true });
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The bucket of the sample project, which outlives the project. */
const sampleBucket = {
  bucket: S3_BUCKET,
  region: "us-east-1",
  accessKeyId: S3_ACCESS_KEY_ID,
  secretAccessKey: S3_SECRET_ACCESS_KEY,
};
type S3 = typeof sampleBucket & { readonly endpoint: string };

interface LostPoint {
  readonly name: string;
  readonly manifest: DumpManifest;
}

/**
 * Backs up a project with rows of every type and removes it, so that only its bucket is left, and files in `folder`.
 */
async function lostProject(folder: string, s3: S3): Promise<LostPoint> {
  await using project = await LiveProject.start({ s3 });
  const types = await Deno.readTextFile(everyType);
  await project.sql(`set statement_timeout = 0; set search_path = public, extensions; ${types}`);
  const { database } = await project.backUp();
  strictEqual(database.status, "success");
  const name = `backups/${database.project}-backup-${database.recovery_point}`;
  await fetchPoint(project, name, folder);
  return { name, manifest: JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`)) };
}

/** Fetches a point by the routes `fetch` and `fetch-files` or, on a machine without the AWS CLI, in another way. */
async function fetchPoint(project: LiveProject, name: string, folder: string): Promise<void> {
  const { details, bucket } = project;
  if (await isInstalled("aws")) {
    const [, projectName, point] = /^backups\/(.*)-backup-(.*)$/.exec(name)!;
    const env = {
      ...{ BUCKET: details.s3Bucket, PROJECT: projectName, POINT: point, AWS_ENDPOINT_URL: details.s3Endpoint },
      ...{ AWS_ACCESS_KEY_ID: details.s3AccessKeyId, AWS_SECRET_ACCESS_KEY: details.s3SecretAccessKey },
      ...{ AWS_DEFAULT_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true" },
    };
    await follow("fetch", { folder, env });
    await follow("fetch-files", { folder, env });
    return;
  }
  for (const ending of ["json.gz", "manifest.json", "media.json.gz"]) {
    const file = `${folder}/${ending === "json.gz" ? "dump.json.gz" : ending}`;
    await Deno.writeFile(file, await readObject(bucket, `${name}.${ending}`));
  }
  for (const key of await keysIn(bucket, "media-")) {
    const path = `${folder}/files/${key}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, await readObject(bucket, key));
  }
}

async function recover(
  test: Deno.TestContext,
  folder: string,
  { manifest }: LostPoint,
  project: EmptyProject,
): Promise<void> {
  const shell: Shell = { folder, env: { TARGET: project.url, PROJECT_URL: project.apiUrl, SECRET_KEY } };
  const sql = <Row>(text: string) =>
    withClient(project.url, async (client) => (await client.query(text)).rows as Row[]);

  await test.step("the backup is verified without restoring it", async () => {
    match(await follow("verify", shell), /dump\.json\.gz: OK\nrows: OK, \d+\n$/);
  });

  await test.step("a byte that changed in the bucket is noticed before anything is restored", async () => {
    const damaged = await Deno.makeTempDir({ prefix: "lifeboat-guide-" });
    const bytes = await Deno.readFile(`${folder}/dump.json.gz`);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(`${damaged}/dump.json.gz`, bytes);
    await Deno.copyFile(`${folder}/manifest.json`, `${damaged}/manifest.json`);
    await rejects(follow("database", { ...shell, folder: damaged }), /dump\.json\.gz: FAILED/);
    await Deno.remove(damaged, { recursive: true });
  });

  await test.step("schema and rows of the whole database are restored exactly", async () => {
    match(await follow("database", shell), /dump\.json\.gz: OK/);
    await assertDigests(project.url, manifest, () => true);
  });

  await test.step("the guide's own comparison says so of every table, and sees one changed value", async () => {
    const said = await follow("check", shell);
    strictEqual(said.trim().split("\n").filter((line) => line.startsWith("equal ")).length, manifest.tables.length);
    await sql("update public.categories set name = name || '!' where id = (select min(id) from public.categories)");
    const seen = await follow("check", shell).then(() => "", (error) => String(error));
    match(seen, /DIFFERENT public\.categories/);
    await sql("update public.categories set name = rtrim(name, '!')");
    await follow("check", shell);
  });

  await test.step("nothing fires before it is armed, everything does afterwards", async () => {
    const armed =
      "select count(*)::int as count from pg_trigger where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)";
    deepStrictEqual(await sql(armed), [{ count: 0 }]);
    await follow("activation", shell);
    const [{ count }] = await sql<{ count: number }>(armed);
    ok(count > 0);
  });

  await test.step("every file is in Storage again, with its bytes, type and metadata", () =>
    assertFiles(shell, project));

  await test.step("writes are stopped, and resumed exactly as they were", async () => {
    await sql("grant update (name) on public.categories to anon");
    const rights =
      `select c.relname, c.relacl::text[] as acl, (select array_agg(attacl::text order by attnum) from pg_attribute
      where attrelid = c.oid and attacl is not null) as columns from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') order by 1`;
    const jobs = "select jobname, active from cron.job order by 1";
    const before = [sorted(await sql(rights)), await sql(jobs)];
    await follow("stop-writes", shell);
    match(await follow("stop-writes", shell), /stopped already/);
    await rejects(sql("set role service_role; delete from public.bookings"), /permission denied/);
    await rejects(sql("set role anon; update public.categories set name = name"), /permission denied/);
    deepStrictEqual(await sql("select jobid from cron.job where active"), []);
    await follow("resume", shell);
    deepStrictEqual([sorted(await sql(rights)), await sql(jobs)], before);
  });

  await test.step("one table is loaded beside the live one", async () => {
    await sql("delete from public.booking_deliverables; delete from public.reviews");
    await follow("one-table", shell);
    deepStrictEqual(
      await sql("select count(*)::int as count, count(distinct id)::int as ids from rescue.bookings"),
      [{ count: rowsOf(manifest, "bookings"), ids: rowsOf(manifest, "bookings") }],
    );
    await sql("drop schema rescue cascade");
  });

  await test.step("the rows of public alone are replaced, with triggers as they were", async () => {
    const states =
      "select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2";
    const before = await sql(states);
    await sql("update public.profiles set display_name = 'wrong'");
    const entry = "insert into public.backup_audit_log (action) values ('sample') returning id::int8";
    await sql(entry);
    await follow("data-only", shell);
    await sql(entry);
    await assertDigests(
      project.url,
      manifest,
      ({ schema, name }) => schema === "public" && !["backup_history", "backup_audit_log"].includes(name),
    );
    deepStrictEqual(await sql(states), before);
  });

  await test.step("supabase-js alone fills an empty table", async () => {
    await sql("truncate public.favorites, public.notifications");
    const [script] = (await readGuideBlocks()).filter(({ route }) => route === "supabase-js");
    // The file lies beside node_modules, so that the package is found.
    const file = await Deno.makeTempFile({ dir: new URL(".", import.meta.url).pathname, suffix: ".mjs" });
    try {
      await Deno.writeTextFile(file, script.text);
      await run(process.execPath, ["run", "-A", "--no-check", file], {
        folder,
        env: { ...shell.env, TABLES: "favorites,notifications" },
      });
    } finally {
      await Deno.remove(file);
    }
    await assertDigests(project.url, manifest, ({ name }) => name === "favorites" || name === "notifications");
  });

  await test.step("a plain PostgreSQL takes the data too, without the platform's tables", async () => {
    await withClient(project.superuserUrl, (client) => client.query("create database plain"));
    const plain = new URL(project.superuserUrl);
    plain.pathname = "/plain";
    await withClient(plain.href, async (client) => {
      await client.query(RESTORE_PREAMBLE);
      // The local Auth API leaves these columns empty, which the hosted one always fills.
      await client.query("alter table auth.users alter is_sso_user drop not null, alter is_anonymous drop not null");
    });
    match(await follow("plain", { folder, env: { TARGET: plain.href } }), /auth\.identities: not here/);
    await assertDigests(plain.href, manifest, ({ schema }) => schema === "public");
  });
}

/**
 * Restores by the command line into a database beside the one that was recovered by hand. The files are there already.
 */
async function commandLine(s3: S3, { manifest }: LostPoint, project: EmptyProject): Promise<void> {
  await withClient(project.superuserUrl, (client) => client.query("create database by_command owner postgres"));
  const target = new URL(project.url);
  target.pathname = "/by_command";
  const env = {
    ...{ AWS_S3_BUCKET: s3.bucket, AWS_REGION: s3.region, S3_ENDPOINT: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
    ...{ S3_FORCE_PATH_STYLE: "true", S3_SSE: "off" },
    // These keep a developer's .env from having any effect.
    ...{ SUPABASE_DB_URL: "postgres://127.0.0.1:9/none", BACKUP_PROJECT: manifest.project, S3_PREFIX: "" },
    ...{ TARGET: target.href, PROJECT_URL: project.apiUrl, SECRET_KEY, POINT: manifest.recoveryPoint },
  };
  const shell = { folder: fileURLToPath(new URL("../..", import.meta.url)), env };
  match(await follow("command-plan", shell), /Nothing was done\. Add --apply to do it\./);
  match(await follow("command-apply", shell), /: success, [\s\S]* 43 were there already/);
  await assertDigests(target.href, manifest, ({ schema }) => schema === "public");
  const said = await follow("command-arm", shell);
  match(said, /triggers, event triggers and cron jobs of \S+ are at work/);
  const [{ overview }] = await withClient(
    target.href,
    async (client) => (await client.query("select lifeboat.overview($1) as overview", [manifest.project])).rows,
  );
  strictEqual(overview.totalBackups, 0, "the run that made the backup was still at work in it");
}

/** The rows with sorted grants, which have no fixed order. */
function sorted(rows: { acl: string[] | null }[]): unknown[] {
  return rows.map((row) => ({ ...row, acl: row.acl?.toSorted() ?? null }));
}

function rowsOf(manifest: DumpManifest, name: string): number {
  return manifest.tables.find((table) => table.schema === "public" && table.name === name)!.rows;
}

async function assertFiles(shell: Shell, project: EmptyProject): Promise<void> {
  await follow("files", shell);
  strictEqual(await Deno.readTextFile(`${shell.folder}/missing.txt`), "");
  const unpacked = new Response(
    (await Deno.open(`${shell.folder}/media.json.gz`)).readable.pipeThrough(new DecompressionStream("gzip")),
  );
  const { objects }: MediaManifest = await unpacked.json();
  strictEqual(objects.length, 43);
  const listed = await withClient(
    project.url,
    async (client) => (await client.query("select bucket_id, name, metadata, user_metadata from storage.objects")).rows,
  );
  strictEqual(listed.length, objects.length);
  for (const object of objects) {
    const path = [object.bucket, ...object.path.split("/")].map(encodeURIComponent).join("/");
    const answer = await fetch(`${project.apiUrl}/storage/v1/object/${path}`, { headers: { apikey: SECRET_KEY } });
    strictEqual(sha256(await answer.bytes()), object.sha256, object.path);
    const row = listed.find(({ bucket_id, name }) => bucket_id === object.bucket && name === object.path);
    deepStrictEqual(
      [row.metadata.mimetype, row.metadata.cacheControl, row.user_metadata ?? {}],
      [object.contentType, object.cacheControl, object.userMetadata ?? {}],
      object.path,
    );
  }
}
