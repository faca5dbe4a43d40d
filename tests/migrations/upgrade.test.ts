import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { findRun } from "../../supabase/functions/_shared/engine/admin/find_run.ts";
import { beginMediaRun, joinMediaRun } from "../../supabase/functions/_shared/engine/backup/media_run.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { closeAbandonedRuns } from "../../supabase/functions/_shared/engine/maintenance/close_abandoned_runs.ts";
import { withSession } from "../../supabase/functions/_shared/engine/maintenance/with_session.ts";
import { startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { SCHEMA_VERSION } from "../../supabase/functions/_shared/engine/schema_version.ts";
import { jsonOf, lifeboat } from "../cli/command.ts";
import { DATABASE_RUN, MEDIA_RUN } from "../runs/harness.ts";
import { readLifeboatSchema, reasonWithoutSchema } from "../support/lifeboat_schema.ts";
import { isOfFirstVersion, migrate, readFirstVersion, readMigrationTexts } from "../support/migrations.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { pushMigrations } from "../support/supabase_cli.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";

const POINTS = `insert into public.backup_history
  (kind, status, trigger, project, recovery_point, started_at, finished_at)
  select 'database', 'success', 'cron', 'sample', to_char(at, 'YYYY-MM-DD"T"HH24-MI-SS"Z"'), at, at
  from generate_series(timestamp '2026-08-01 02:17', timestamp '2026-11-08 02:17', interval '1 day') at`;
const WORKER = "00000000-0000-4000-8000-000000000001";

/** A way to bring Lifeboat's migrations into a database: what installed the first version, and what upgrades. */
interface Route {
  readonly name: string;
  installFirstVersion(project: TestProject): Promise<void>;
  upgrade(project: TestProject): Promise<void>;
}

const ROUTES: readonly Route[] = [
  {
    name: "install",
    async installFirstVersion({ url }) {
      await migrate(url, await readFirstVersion());
    },
    async upgrade({ url }) {
      strictEqual((await lifeboat(["install", "--json"], { SUPABASE_DB_URL: url })).code, 0);
    },
  },
  {
    name: "supabase db push",
    async installFirstVersion({ url }) {
      await pushMigrations(url, await readFirstVersion());
    },
    async upgrade(project) {
      const migrations = await readMigrationTexts();
      const said = await pushMigrations(project.url, migrations);
      deepStrictEqual(
        [...said.matchAll(/^Applying migration (.*?)\.\.\.$/gm)].map(([, name]) => name),
        migrations.map(({ name }) => name).filter((name) => !isOfFirstVersion(name)),
      );
      match(await pushMigrations(project.url, migrations), /up to date/);
      deepStrictEqual(
        (await project.sql("select version, name from supabase_migrations.schema_migrations order by version"))
          .map(({ version, name }) => `${version}_${name}.sql`),
        migrations.map(({ name }) => name),
      );
    },
  },
];

const options = { sanitizeOps: false, sanitizeResources: false };
for (const route of ROUTES) {
  const name = `an upgrade from the first version by ${route.name}`;
  Deno.test(`${name} on PostgreSQL 18`, options, (test) => upgrades(test, route));
  testOnPostgres15(`${name} on PostgreSQL 15`, (test) => upgrades(test, route, POSTGRES_15));
}

async function upgrades(test: Deno.TestContext, route: Route, binDir?: string): Promise<void> {
  const server = await startTestServer({ binDir });
  try {
    const project = await server.createProject();
    await route.installFirstVersion(project);
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

    await test.step("it keeps the history, and the run in flight goes on", async () => {
      await route.upgrade(project);
      deepStrictEqual(await readHistory(project), history);
      deepStrictEqual(await project.sql("select lifeboat.schema_version() as version"), [{ version: SCHEMA_VERSION }]);
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

    await test.step({
      name: `its schema is that of a new installation${reasonWithoutSchema === null ? "" : `: ${reasonWithoutSchema}`}`,
      ignore: reasonWithoutSchema !== null,
      async fn() {
        strictEqual(
          await readLifeboatSchema(project.url),
          await Deno.readTextFile(new URL("schema.sql", import.meta.url)),
        );
      },
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
         select ${SCHEMA_VERSION + 1} $$`,
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
