import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { PUBLISHABLE_KEY } from "../../local/keys.ts";
import { functionEnvironment } from "../../local/stack_details.ts";
import { startSupabaseApi } from "../../local/supabase_api.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGunzip } from "../../supabase/functions/_shared/adapters/node/gunzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { createPostgresServer } from "../../supabase/functions/_shared/adapters/postgres/server.ts";
import {
  type BackupHistoryRow,
  type DrillDetails,
  drillDetails,
} from "../../supabase/functions/_shared/contract/mod.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import {
  type DrillDependencies,
  type DrillSettings,
  runDrill,
  startDrill,
} from "../../supabase/functions/_shared/engine/drill/mod.ts";
import { fetchSamples } from "../../supabase/functions/_shared/engine/drill/files_check.ts";
import { assertNothingMissing } from "../../supabase/functions/_shared/engine/drill/restored_whole.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import type { LeasedRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { startCommand } from "../cli/command.ts";
import { readObject } from "../support/bucket_contents.ts";
import { LiveProject } from "../support/live_project.ts";

interface Drilled {
  readonly row: BackupHistoryRow;
  readonly details: DrillDetails;
}

interface Stage {
  readonly project: LiveProject;
  readonly points: { readonly database: BackupHistoryRow; readonly media: BackupHistoryRow };
  drill(
    settings?: Partial<DrillSettings>,
    changes?: Partial<DrillDependencies>,
    whenStarted?: (run: LeasedRun) => void,
  ): Promise<Drilled>;
}

Deno.test({
  name: "a drill of the sample project",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using project = await LiveProject.start();
    const points = await project.backUp();
    const database = createPostgresDatabase({ url: project.details.dbUrl });
    const stage: Stage = {
      project,
      points,
      async drill(settings = {}, changes = {}, whenStarted = () => {}) {
        const store = project.bucket;
        const request = { project: points.database.project, point: "latest", trigger: "api" } as const;
        const run = await startDrill({ database, clock: systemClock, store }, request);
        whenStarted(run);
        const row = await runDrill(
          {
            store,
            checksums: nodeChecksums,
            decompressor: nodeGunzip,
            clock: systemClock,
            random: () => 0.5,
            database,
            server: createPostgresServer(project.details.dbUrl),
            ...changes,
          },
          { queries: [], ...settings },
          run,
        );
        deepStrictEqual((await scratches(project)).filter(({ datname }) => !datname.endsWith("another_project")), []);
        return { row, details: row.details as unknown as DrillDetails };
      },
    };
    for (const [name, body] of Object.entries(tests)) await test.step(name, () => body(stage));
  },
});

Deno.test("a drill of which something did not come back says what", async () => {
  await assertNothingMissing([]);
  const problem = { kind: "view", identity: "public.gone", reason: "It was not made." };
  await rejects(assertNothingMissing([problem, problem]), {
    code: "drill_incomplete",
    message: "view public.gone: It was not made. (and 1 more)",
  });
});

/** The drill's check of files alone, whose code no history shows. */
function fetchFrom({ project, points }: Stage, store: ObjectStore): Promise<string | void> {
  const database = createPostgresDatabase({ url: project.details.dbUrl });
  const point = { project: points.database.project, recoveryPoint: points.database.recovery_point };
  const check = { store, checksums: nodeChecksums, random: () => 0.5, database };
  return fetchSamples(check, point, new AbortController().signal);
}

function scratches(project: LiveProject): Promise<{ datname: string }[]> {
  return project.sql("select datname from pg_database where starts_with(datname, 'lifeboat_drill_')");
}

const tests: Record<string, (stage: Stage) => Promise<void>> = {
  "every table is what it was, a row can be written, files come back, and the time is measured": async (stage) => {
    const { row, details } = await stage.drill();
    deepStrictEqual([row.status, row.error_message, row.kind], ["success", null, "drill"]);
    const { tables, rows, recovery_point } = stage.points.database;
    strictEqual(row.recovery_point, recovery_point);
    // A partitioned table has no rows of its own to compare.
    const [{ partitioned }] = await stage.project.sql<{ partitioned: number }>(
      "select count(*)::int as partitioned from pg_class where relkind = 'p' and relnamespace = 'public'::regnamespace",
    );
    deepStrictEqual([row.tables, row.rows], [tables! - partitioned, rows]);
    drillDetails.parse(details);
    strictEqual(details.drilledRecoveryPoint, recovery_point);
    deepStrictEqual(details.tables.filter(({ equal }) => !equal), []);
    ok(details.tables.some(({ name, rows }) => name === "auth.users" && rows > 0));
    ok(details.restoreMs > 0 && details.restoreMs <= row.duration_ms! && details.bytesPerSecond > 0);
    deepStrictEqual(
      details.checks,
      [
        "everything in the backup came back",
        "sequences stand after their data",
        "a row can be written",
        "sample files come back",
      ].map((name) => ({ name, passed: true, reason: null })),
    );
    const [{ overview }] = await stage.project.sql<{ overview: { lastDrill: Record<string, unknown> } }>(
      "select lifeboat.overview($1) as overview",
      [row.project],
    );
    deepStrictEqual([overview.lastDrill.status, overview.lastDrill.durationMs], ["success", details.restoreMs]);
  },

  "the owner's queries see the restored rows and write nothing; each that is not true fails the drill": async (
    stage,
  ) => {
    const queries = [
      "select count(*) > 0 from bookings",
      "select count(*) < 0 from bookings",
      "select true from generate_series(1, 2)",
      "select nothing from nowhere",
      "delete from bookings returning true",
      "select current_database() like 'lifeboat_drill_%'",
    ];
    const { row, details } = await stage.drill({ queries });
    deepStrictEqual([row.status, row.error_code], ["failed", "drill_failed"]);
    deepStrictEqual(details.queries.map(({ passed }) => passed), [true, false, false, false, false, true]);
    match(details.queries[1].reason!, /returned false/);
    match(details.queries[2].reason!, /returned 2 rows/);
    match(details.queries[3].reason!, /nowhere/);
    match(details.queries[4].reason!, /read-only transaction/);
    match(row.error_message!, /found 4 things wrong, first: query "select count\(\*\) < 0/);
  },

  "somebody who was restored can sign in": async (stage) => {
    const { details: { adminEmail, adminPassword, dbUrl } } = stage.project;
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-drill-" });
    const signIn = (password: string) => ({
      name: "sign in",
      async run({ name }: { name: string }) {
        const superuser = new URL(stage.project.stack.superuserUrl);
        superuser.pathname = `/${name}`;
        const api = await startSupabaseApi({
          databaseUrl: superuser.href,
          port: 0,
          objectsDir: `${folder}/objects`,
          apiUrl: "http://127.0.0.1",
        });
        try {
          const client = createClient(`http://127.0.0.1:${api.port}`, PUBLISHABLE_KEY, {
            auth: { persistSession: false, autoRefreshToken: false },
          });
          const { error } = await client.auth.signInWithPassword({ email: adminEmail, password });
          if (error) throw error;
        } finally {
          await api.stop();
        }
      },
    });
    ok(dbUrl);
    try {
      const right = await stage.drill({ furtherChecks: [signIn(adminPassword)] });
      deepStrictEqual(right.details.checks.at(-1), { name: "sign in", passed: true, reason: null });
      const wrong = await stage.drill({ furtherChecks: [signIn("another password")] });
      deepStrictEqual([wrong.row.status, wrong.details.checks.at(-1)!.passed], ["failed", false]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },

  "a damaged backup fails the drill, and leaves nothing behind": async (stage) => {
    const { bucket } = stage.project;
    const key = stage.points.database.s3_key!;
    const bytes = await readObject(bucket, key);
    const changed = bytes.slice();
    changed[changed.length >> 1] ^= 1;
    await bucket.put(key, changed, { contentType: "application/gzip" });
    const { row } = await stage.drill();
    deepStrictEqual([row.status, row.error_code], ["failed", "backup_damaged"]);
    await bucket.put(key, bytes, { contentType: "application/gzip" });
  },

  "a file that does not come back fails the drill": async (stage) => {
    const { bucket } = stage.project;
    const [{ key }] = await Array.fromAsync(bucket.list("media-backups/profile-images/"));
    const bytes = await readObject(bucket, key);
    const store = {
      ...bucket,
      get: async (...args: Parameters<typeof bucket.get>) => {
        const content = await bucket.get(...args);
        if (!args[0].startsWith("media-backups/")) return content;
        await content.body.cancel();
        return { ...content, body: new Blob(["other bytes"]).stream() };
      },
    };
    ok(bytes.length > 0);
    const { row, details } = await stage.drill({}, { store });
    strictEqual(row.error_code, "drill_failed");
    match(details.checks.at(-1)!.reason!, /does not come back as it was stored/);
    await rejects(fetchFrom(stage, store), { code: "drill_file_differs" });
  },

  "files whose manifest is gone fail the drill, files that were never stored do not": async (stage) => {
    const { bucket } = stage.project;
    const key = stage.points.media.manifest_key!;
    const missing = new LifeboatError({ code: "object_missing", kind: "missing", message: "no", hint: "no" });
    const head = (...args: Parameters<typeof bucket.head>) =>
      args[0] === key ? Promise.reject(missing) : bucket.head(...args);
    const gone = await stage.drill({}, { store: { ...bucket, head } });
    strictEqual(gone.row.error_code, "drill_failed");
    match(gone.details.checks.at(-1)!.reason!, /their manifest is not in the bucket/);
    await rejects(fetchFrom(stage, { ...bucket, head }), { code: "drill_files_gone" });
    const setStatus = (status: string) =>
      stage.project.sql("update backup_history set status = $2 where id = $1", [stage.points.media.id, status]);
    await setStatus("failed");
    const never = await stage.drill({}, { store: { ...bucket, head } });
    await setStatus(stage.points.media.status);
    deepStrictEqual([never.row.status, never.details.checks.at(-1)!.reason], [
      "success",
      "The files of this point are not stored (yet).",
    ]);
  },

  "cancelled in the middle, it cleans up": async (stage) => {
    let id = "";
    const { row } = await stage.drill(
      {
        furtherChecks: [{
          name: "waits",
          async run(_scratch, signal) {
            await stage.project.sql("select lifeboat.request_cancel($1)", [id]);
            await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
          },
        }],
      },
      {},
      (run) => void (id = run.id),
    );
    deepStrictEqual([row.status, row.error_code], ["cancelled", "run_cancelled"]);
  },

  "what a killed drill left behind is dropped by the next, and nobody else's": async (stage) => {
    const { project } = stage;
    await project.sql("create database lifeboat_drill_000000000000_of_another_project");
    const child = startCommand(["drill"], functionEnvironment(project.details));
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (text.includes("drill: rows")) child.kill("SIGKILL");
    }
    await child.stdout.cancel();
    strictEqual((await child.status).signal, "SIGKILL");
    strictEqual((await scratches(project)).length, 2);

    const database = createPostgresDatabase({ url: project.details.dbUrl });
    const request = { project: stage.points.database.project, point: "latest", trigger: "api" } as const;
    const dependencies = { database, clock: systemClock, store: project.bucket };
    await rejects(startDrill(dependencies, request), { code: "already_running" });
    await project.sql("update lifeboat.leases set expires_at = now() where kind = 'drill'");
    strictEqual((await stage.drill()).row.status, "success");
    await project.sql("drop database lifeboat_drill_000000000000_of_another_project");
    const [dead] = await project.sql(
      "select status, error_code from public.backup_history where kind = 'drill' order by started_at desc offset 1 limit 1",
    );
    deepStrictEqual(dead, { status: "failed", error_code: "run_abandoned" });
  },

  "rows that point at rows that are not there fail the drill": async (stage) => {
    const { project } = stage;
    await project.sql("create table parents (id int primary key)");
    await project.sql("create table children (id int primary key, parent int constraint of_parent references parents)");
    await project.sql("set session_replication_role = replica; insert into children values (1, 7)");
    const later = await project.backUp();
    const { row } = await stage.drill();
    strictEqual(row.recovery_point, later.database.recovery_point);
    deepStrictEqual([row.status, row.error_code], ["failed", "restore_statement_failed"]);
    match(row.error_message!, /foreign key of_parent on public\.children failed/);
    await project.sql("drop table children, parents");
    await project.backUp();
  },

  "a sequence behind its data is found": async (stage) => {
    const { project } = stage;
    await project.sql("create table numbered (id bigint generated by default as identity primary key, note text)");
    await project.sql("insert into numbered (id, note) select n, 'sample' from generate_series(1, 5) n");
    const later = await project.backUp();
    strictEqual(later.database.status, "success");
    const { row, details } = await stage.drill();
    strictEqual(row.recovery_point, later.database.recovery_point);
    const check = details.checks.find(({ name }) => name.startsWith("sequences"))!;
    deepStrictEqual([row.status, check.passed], ["failed", false]);
    match(check.reason!, /numbered\.id/);
  },
};
