import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { findRun } from "../../supabase/functions/_shared/engine/admin/find_run.ts";
import { beginMediaRun, joinMediaRun } from "../../supabase/functions/_shared/engine/backup/media_run.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { withSession } from "../../supabase/functions/_shared/engine/maintenance/with_session.ts";
import { startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { schemaVersion } from "../../supabase/functions/_shared/engine/schema_version.ts";
import { jsonOf, lifeboat } from "../cli/command.ts";
import { DATABASE_RUN, MEDIA_RUN } from "../runs/harness.ts";
import { migrate, readFirstVersion } from "../support/migrations.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";

const POINTS = `insert into public.backup_history
  (kind, status, trigger, project, recovery_point, started_at, finished_at)
  select 'database', 'success', 'cron', 'sample', to_char(at, 'YYYY-MM-DD"T"HH24-MI-SS"Z"'), at, at
  from generate_series(timestamp '2026-08-01 02:17', timestamp '2026-11-08 02:17', interval '1 day') at`;
const WORKER = "00000000-0000-4000-8000-000000000001";

const options = { sanitizeOps: false, sanitizeResources: false };
Deno.test("an upgrade from the first version on PostgreSQL 18", options, (test) => upgrades(test));
testOnPostgres15("an upgrade from the first version on PostgreSQL 15", (test) => upgrades(test, POSTGRES_15));

async function upgrades(test: Deno.TestContext, binDir?: string): Promise<void> {
  const server = await startTestServer({ binDir });
  try {
    const project = await server.createProject();
    await migrate(project.url, await readFirstVersion());
    await project.sql(POINTS);
    const [{ begun }] = await project.sql<{ begun: { run: { id: string }; epoch: string } }>(
      "select lifeboat.begin_media($1, 600000, gen_random_uuid()) as begun",
      [JSON.stringify(MEDIA_RUN)],
    );
    const history = await readHistory(project);
    strictEqual(history.length, 101);

    await test.step("before it every way in refuses the database, and nothing is done", async () => {
      for (const [name, enter] of entrances(project, begun.run.id)) {
        await rejects(enter(), { code: "schema_outdated", message: /older release/, hint: /install.*db push/ }, name);
      }
      deepStrictEqual(await readHistory(project), history);
      deepStrictEqual(await installationVerdict(project), "broken");
    });

    await test.step("install keeps the history, and the run in flight goes on", async () => {
      strictEqual((await lifeboat(["install", "--json"], { SUPABASE_DB_URL: project.url })).code, 0);
      deepStrictEqual(await readHistory(project), history);
      const [{ held }] = await project.sql<{ held: boolean }>(
        "select held from lifeboat.beat($1, $2, 600000, null)",
        [begun.run.id, begun.epoch],
      );
      strictEqual(held, true);
      await project.sql("insert into lifeboat.media_workers (worker, run_id) values ($1, $2)", [WORKER, begun.run.id]);
      const share = await joinMediaRun(dependenciesOf(project), { runId: begun.run.id, worker: WORKER });
      strictEqual(share?.run.id, begun.run.id);
      await share.run.connection.close();
      const run = await startRun(dependenciesOf(project), DATABASE_RUN);
      await run.connection.close();
      deepStrictEqual(await installationVerdict(project), "ok");
    });

    await test.step("each function's body is valid", async () => {
      const bodies = await project.sql<{ body: string }>(
        `select pg_get_functiondef(oid) as body from pg_proc where pronamespace = 'lifeboat'::regnamespace`,
      );
      for (const { body } of bodies) await project.sql(body);
    });

    await test.step("a database that is newer refuses what begins, and lets a run in flight go on", async () => {
      await project.sql(
        `create or replace function lifeboat.schema_version() returns integer language sql as $$
         select ${schemaVersion + 1} $$`,
      );
      for (const [name, enter] of entrances(project, begun.run.id)) {
        if (name === "join") strictEqual(await enter(), undefined);
        else await rejects(enter(), { code: "schema_outdated", message: /newer/, hint: /functions deploy/ }, name);
      }
      deepStrictEqual(await installationVerdict(project), "broken");
    });
  } finally {
    await server.stop();
  }
}

/** Each kind of invocation with its first statement, which must notice an outdated schema. */
function entrances(project: TestProject, run: string): [name: string, enter: () => Promise<unknown>][] {
  const dependencies = dependenciesOf(project);
  const { database } = dependencies;
  return [
    ["database", () => startRun(dependencies, DATABASE_RUN)],
    ["media", () => beginMediaRun(dependencies, MEDIA_RUN)],
    ["join", () => joinMediaRun(dependencies, { runId: run, worker: crypto.randomUUID() })],
    ["maintenance", () => closeAbandonedRuns(database)],
    ["admin", () => withSession(database, (session) => findRun(session, "sample", run))],
  ];
}

function dependenciesOf({ url }: TestProject) {
  return { database: createPostgresDatabase({ url, stallTimeoutMs: 5_000 }), clock: systemClock };
}

async function readHistory(project: TestProject): Promise<unknown[]> {
  return await project.sql("select id, kind, status, recovery_point from public.backup_history order by started_at");
}

async function installationVerdict(project: TestProject): Promise<string> {
  const said = await lifeboat(["doctor", "--json"], { SUPABASE_DB_URL: project.url });
  match(said.out, /install\.tables/);
  return jsonOf(said).findings.find(({ check }: { check: string }) => check === "install.tables").verdict;
}
