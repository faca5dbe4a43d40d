import assert from "node:assert/strict";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { ADMIN, CREATOR } from "../../local/sample/people.ts";
import { type RunningStack, startStack } from "../../local/stack.ts";
import { withClient } from "../../local/with_client.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { createHttpStorageTarget } from "../../supabase/functions/_shared/adapters/storage/target.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import {
  applyRestore,
  armRestore,
  listMissingR2,
  planRestore,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { plainRun } from "../media/plain_run.ts";
import { onServer, RestoreStage, schemaOf } from "../restore/stage.ts";
import { emptyProject } from "../support/empty_project.ts";
import { stopServersAtTheEnd, type TestDatabase } from "../support/postgres.ts";
import { insertEverywhere } from "./insert_everywhere.ts";

async function startProject(folder: string, name: string, sample: boolean): Promise<RunningStack> {
  return await startStack({
    portBase: null,
    dataDir: join(folder, name),
    postgresSettings: { fsync: "off" },
    sample,
  });
}

const databaseOf = (stack: RunningStack): TestDatabase => ({
  name: "postgres",
  url: stack.details.dbUrl,
  superuserUrl: stack.superuserUrl,
});
const storageOf = ({ details }: RunningStack) => ({ supabaseUrl: details.apiUrl, secretKey: details.secretKey });
const sql = async <Row>(url: string, text: string) =>
  (await withClient(url, (client) => client.query(text))).rows as Row[];

const OBJECTS = `select bucket_id, name, metadata ->> 'mimetype' as type, metadata ->> 'cacheControl' as cache,
  metadata ->> 'size' as size, metadata ->> 'eTag' as etag, user_metadata from storage.objects order by 1, 2`;

Deno.test({
  name: `the sample project comes back, rows and files${onServer}`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-roundtrip-" });
    await Deno.chmod(folder, 0o755);
    const stage = await RestoreStage.start();
    const source = await startProject(folder, "source", true);
    try {
      const origin = databaseOf(source);
      await sql(origin.url, "select cron.schedule('nightly statistics', '0 4 * * *', 'analyze public.profiles')");
      const point = await stage.backUp(origin);
      const media = await backupMedia(
        {
          database: createPostgresDatabase({ url: origin.url }),
          store: stage.store,
          source: createHttpStorageSource(storageOf(source)),
          checksums: nodeChecksums,
          compressor: nodeGzip,
          clock: systemClock,
        },
        { project: "sample" },
        plainRun(point),
      );
      assert.equal(media.status, "success");

      await test.step("into an empty PostgreSQL: no table ends at 1,000 rows, every row comes back, auth included, and the same schema", async () => {
        const target = await stage.empty(18);
        const report = await stage.restore(target, { point });
        assert.deepEqual(report.problems, []);
        const { tables } = report.database!;
        assert.ok(tables.every(({ compared }) => compared === "digest"));
        assert.ok(tables.some(({ table, foundRows }) => table === "auth.users" && foundRows >= 2));
        assert.ok(tables.some(({ expectedRows, foundRows }) => expectedRows > 5_000 && foundRows === expectedRows));
        assert.equal((await armRestore(stage.dependencies(target))).restricted.length, 0);
        assert.deepEqual(portable(await schemaOf(target)), portable(await schemaOf(origin)));
      });

      await test.step("into a new project: people sign in, files download with their type, triggers wait", async (test) => {
        let target = await startProject(folder, "target", false);
        try {
          await emptyProject(target);
          const dependencies = stage.dependencies(databaseOf(target), {
            storage: createHttpStorageTarget(storageOf(target)),
          });
          const plan = await planRestore(dependencies, { point: "latest" });
          assert.deepEqual(plan.conflicts, []);
          const report = await applyRestore(dependencies, plan);
          assert.deepEqual(report.problems, []);
          assert.equal(report.status, "success");

          await test.step("every file is as it was", async () => {
            assert.ok(report.media!.uploaded > 10);
            assert.deepEqual(
              await sql(target.superuserUrl, OBJECTS),
              await sql(source.superuserUrl, OBJECTS),
            );
          });
          await test.step("no restored file is listed and cannot be downloaded: each comes with its content type, none as application/octet-stream", async () => {
            const { storage } = createClient(target.details.apiUrl, target.details.secretKey);
            const files = await sql<Record<string, string>>(target.superuserUrl, OBJECTS);
            assert.ok(files.length > 10);
            for (const { bucket_id, name, type, size } of files) {
              const { data, error } = await storage.from(bucket_id).download(name);
              assert.equal(error, null, name);
              assert.deepEqual([data!.type, data!.size], [type, Number(size)], name);
              assert.notEqual(data!.type, "application/octet-stream", name);
            }
          });
          await test.step("no sequence stands behind its data: a row goes into every table with a sequence or an identity", async () => {
            assert.ok(await insertEverywhere(target.superuserUrl) > 3);
          });
          await test.step("both people sign in with the password that they had", async () => {
            for (const { email, password } of [ADMIN, CREATOR]) {
              const visitor = createClient(target.details.apiUrl, target.details.publishableKey, {
                auth: { persistSession: false, autoRefreshToken: false },
              });
              const { data, error } = await visitor.auth.signInWithPassword({ email, password });
              assert.equal(error, null);
              assert.equal(data.user!.email, email);
            }
          });
          await test.step("neither triggers nor cron jobs nor webhooks are at work before restore arm, and arming twice changes nothing", async () => {
            const jobs = "select jobname, schedule from cron.job where jobname = 'nightly statistics'";
            const triggers = "select tgname from pg_trigger where not tgisinternal and tgname like 'touch%' order by 1";
            assert.deepEqual(await sql(target.superuserUrl, triggers), []);
            assert.deepEqual(await sql(target.superuserUrl, jobs), []);
            const armed = await armRestore(dependencies);
            assert.ok(armed.armed > 0);
            assert.deepEqual(await sql(target.superuserUrl, triggers), await sql(source.superuserUrl, triggers));
            assert.deepEqual(await sql(target.superuserUrl, jobs), await sql(source.superuserUrl, jobs));
            assert.equal((await armRestore(dependencies)).armed, armed.armed);
          });
          await test.step("files that are there and equal are not sent again", async () => {
            const again = await planRestore(dependencies, { point, mediaOnly: true });
            assert.deepEqual(again.conflicts, []);
            const { media } = await applyRestore(dependencies, again);
            assert.deepEqual([media!.uploaded, media!.bucketsCreated], [0, 0]);
            assert.equal(media!.unchanged, report.media!.uploaded);
          });
          await test.step("one path brings back one file, and replaces a changed one only when told to", async () => {
            const [{ bucket_id, name }] = await sql<Record<string, string>>(target.superuserUrl, OBJECTS);
            const { storage } = createClient(target.details.apiUrl, target.details.secretKey);
            await storage.from(bucket_id).upload(name, new TextEncoder().encode("changed"), {
              upsert: true,
              contentType: "image/png",
            });
            const request = { point, paths: [`${bucket_id}/${name}`] };
            assert.equal((await planRestore(dependencies, request)).conflicts.length, 1);
            const kept = await applyRestore(
              dependencies,
              await planRestore(dependencies, { ...request, existing: "keep" }),
            );
            assert.equal(kept.media!.kept, 1);
            const replace = await planRestore(dependencies, { ...request, existing: "replace" });
            assert.equal(replace.media!.files, 1);
            assert.equal((await applyRestore(dependencies, replace)).media!.uploaded, 1);
          });
          await test.step("files in R2 are listed with what it takes to upload them again", async () => {
            const files = await listMissingR2(stage.dependencies(databaseOf(target)), { project: "sample", point });
            assert.ok(files.length > 0);
            assert.ok(
              files.every(({ table, row, state }) =>
                table !== "" && Object.keys(row).length > 0 && state === "unchecked"
              ),
            );
          });
          // The local REST API reads the schema when it starts; PostgREST is told to read it again. Installing Lifeboat
          // over the restored project is part of the start.
          await target.stop();
          target = await startProject(folder, "target", false);
          await test.step("no API grant is lost: an anonymous visitor sees in every table what row level security allows, as before", async () => {
            const [before, after] = await Promise.all([source, target].map(whatAnybodySees));
            assert.deepEqual(after, before);
            assert.ok(after.profiles.rows!.length > 0);
            assert.equal(after.bookings.refused, true, "nobody was given bookings");
            assert.equal(after.payments.refused, true, "nobody was given payments");
          });
        } finally {
          await target.stop();
        }
      });
    } finally {
      await source.stop();
      await stage[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The answers of the REST API for each table of the sample, to a user who has not signed in. */
async function whatAnybodySees({ details, superuserUrl }: RunningStack) {
  const visitor = createClient(details.apiUrl, details.publishableKey);
  const tables = await sql<{ name: string }>(
    superuserUrl,
    "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'backup_%'",
  );
  const seen: Record<string, { readonly rows: unknown[] | undefined; readonly refused: boolean }> = {};
  for (const { name } of tables) {
    const { data, error } = await visitor.from(name).select();
    seen[name] = { rows: data?.map((row) => JSON.stringify(row)).sort(), refused: error !== null };
  }
  return seen;
}

/**
 * The schema without pg_cron, which a plain PostgreSQL lacks, without roles, and without what installing Lifeboat adds.
 */
function portable({ statements, sequences }: Awaited<ReturnType<typeof schemaOf>>) {
  return {
    sequences,
    statements: statements.filter(({ kind, sql }) =>
      kind !== "role" && !kind.startsWith("cron job") && !sql.includes("lifeboat.")
    ),
  };
}

stopServersAtTheEnd();
