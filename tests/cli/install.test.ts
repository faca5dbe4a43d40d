import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { withClient } from "../../local/with_client.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { startTestServer, type TestProject } from "../support/test_server.ts";
import { jsonOf, lifeboat } from "./command.ts";

/** SQL of a project that is older than Lifeboat: a migration history, other roles, data. */
const FOREIGN = `
  create schema supabase_migrations;
  create table supabase_migrations.schema_migrations (version text primary key, name text, statements text[]);
  insert into supabase_migrations.schema_migrations values ('20240101000000', 'init', '{}');
  create type public.app_role as enum ('member', 'admin', 'owner');
  create table public.user_roles (user_id uuid not null, role public.app_role not null, primary key (user_id, role));
  create function public.has_role(uid uuid, wanted public.app_role) returns boolean language sql stable
    as $$ select exists (select from public.user_roles where user_id = uid and role = wanted) $$;
  create table public.orders (id bigint generated always as identity primary key, note text);
  insert into public.orders (note) select 'order ' || n from generate_series(1, 100) n;`;

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("install on PostgreSQL 18", options, (test) => installs(test));
testOnPostgres15("install on PostgreSQL 15", (test) => installs(test, POSTGRES_15));

async function installs(test: Deno.TestContext, binDir?: string): Promise<void> {
  const server = await startTestServer({ binDir });
  const install = (project: TestProject, ...args: string[]) =>
    lifeboat(["install", "--json", ...args], { SUPABASE_DB_URL: project.url });
  try {
    await test.step("applies each migration once and tells their notices; a second time nothing is new", async () => {
      const project = await server.createProject();
      const first = jsonOf(await install(project));
      ok(first.migrations.length >= 6);
      deepStrictEqual(new Set(first.migrations.map(({ was }: { was: string }) => was)), new Set(["new"]));
      match(JSON.stringify(first.migrations), /extension pg_cron could not be enabled/);
      match(first.scheduleProblem, /pg_cron/);
      const second = await install(project);
      deepStrictEqual([second.code, second.err], [0, ""]);
      const again = jsonOf(second).migrations;
      deepStrictEqual(new Set(again.map(({ was }: { was: string }) => was)), new Set(["unchanged"]));
      deepStrictEqual((await project.sql("select version from lifeboat.migrations order by 1")).length, again.length);
      strictEqual((await project.sql("select to_regclass('supabase_migrations.schema_migrations') as t"))[0].t, null);
    });

    await test.step("a migration of another text is applied again, with all after it", async () => {
      const project = await server.createProject();
      await install(project);
      await project.sql("update lifeboat.migrations set checksum = 'older' where version = '20261121000300'");
      const states = jsonOf(await install(project)).migrations.map(({ was }: { was: string }) => was);
      deepStrictEqual(states.slice(0, 3), ["unchanged", "unchanged", "changed"]);
      deepStrictEqual(new Set(states.slice(2)), new Set(["changed"]));
    });

    await test.step("leaves a project of its own kind as it was, and removal takes only Lifeboat away", async () => {
      const project = await server.createProject(FOREIGN);
      const before = await objectsOf(project);
      strictEqual((await install(project)).code, 0);
      deepStrictEqual((await project.sql("select * from supabase_migrations.schema_migrations")).length, 1);
      const removal = jsonOf(await install(project, "--remove"));
      match(JSON.stringify(removal.removed), /schema lifeboat.*public\.backup_history \(0 rows\)/);
      match(JSON.stringify(removal.kept), /user_roles/);
      deepStrictEqual(await objectsOf(project), before);
      deepStrictEqual((await project.sql("select count(*)::integer as n from public.orders"))[0].n, 100);
      strictEqual((await install(project)).code, 0, "it can be installed again");
    });

    // The checks below do not depend on the version of PostgreSQL.
    if (binDir !== undefined) return;

    await test.step("removal keeps the history of runs until it is forced", async () => {
      const project = await server.createProject();
      await install(project);
      await project.sql(RUN);
      const kept = jsonOf(await install(project, "--remove"));
      match(JSON.stringify(kept.kept), /public\.backup_history.*It holds 1 rows; --force/);
      strictEqual((await project.sql("select count(*)::integer as n from public.backup_history"))[0].n, 1);
      strictEqual((await install(project)).code, 0, "its history is taken up again");
      strictEqual((await project.sql("select count(*)::integer as n from public.backup_history"))[0].n, 1);
      const forced = jsonOf(await install(project, "--remove", "--force"));
      match(JSON.stringify(forced.removed), /public\.backup_history \(1 rows\)/);
      strictEqual((await project.sql("select to_regclass('public.backup_history') as t"))[0].t, null);
      deepStrictEqual(jsonOf(await install(project, "--remove")).removed, [], "a second time there is nothing");
    });

    await test.step("removal waits for nobody: a run at work refuses it with 4", async () => {
      const project = await server.createProject();
      await install(project);
      const request = { kind: "database", project: "sample", trigger: "manual" };
      await project.sql("select lifeboat.start_run($1, 60000)", [JSON.stringify(request)]);
      const refused = await install(project, "--remove", "--force");
      deepStrictEqual([refused.code, jsonOf(refused).error.code], [4, "already_running"]);
      ok((await project.sql("select to_regclass('lifeboat.leases') as t"))[0].t);
    });

    await test.step("stores what the schedule needs in Vault, and removal takes the key away", async () => {
      const project = await server.createProject();
      await installVault(project);
      const secrets = ["--supabase-url", "https://sample.example.com", "--secret-key", "sb_secret_sample_only_1"];
      const first = await install(project, "--store-secrets", ...secrets);
      deepStrictEqual(jsonOf(first).secrets, { project_url: "created", backup_secret_key: "created" });
      strictEqual(jsonOf(first).scheduleProblem, null);
      ok(!(first.out + first.err).includes("sb_secret_sample_only_1"));
      const rotated = jsonOf(
        await install(project, "--store-secrets", ...secrets.slice(0, 3), "sb_secret_sample_only_2"),
      );
      deepStrictEqual(rotated.secrets, { project_url: "unchanged", backup_secret_key: "replaced" });
      deepStrictEqual(await jobsOf(project), [
        "lifeboat-backup-maintenance",
        "lifeboat-database-backup",
        "lifeboat-verify",
      ]);
      await install(project, "--remove");
      deepStrictEqual(await jobsOf(project), []);
      deepStrictEqual(await project.sql("select name from vault.decrypted_secrets"), [{ name: "project_url" }]);
    });

    await test.step("without Vault the secrets are refused with a way out, and the tables are there", async () => {
      const project = await server.createProject();
      const secrets = ["--supabase-url", "https://sample.example.com", "--secret-key", "sb_secret_sample_only_1"];
      const refused = await install(project, "--store-secrets", ...secrets);
      deepStrictEqual([refused.code, jsonOf(refused).error.code], [1, "vault_missing"]);
      ok((await project.sql("select to_regclass('lifeboat.migrations') as t"))[0].t);
    });

    await test.step("two at once wait for each other", async () => {
      const project = await server.createProject();
      const both = await Promise.all([install(project), install(project)]);
      deepStrictEqual(both.map(({ code }) => code), [0, 0]);
      const states = both.map((said) => jsonOf(said).migrations[0].was).sort();
      deepStrictEqual(states, ["new", "unchanged"]);
    });

    await test.step("a migration that the database refuses is named, and those before it stay", async () => {
      const project = await server.createProject("create table public.backup_history (mine text)");
      const refused = await install(project);
      deepStrictEqual([refused.code, jsonOf(refused).error.code], [1, "migration_failed"]);
      match(jsonOf(refused).error.message, /20261121000100_lifeboat_backup_history.*is not Lifeboat's/);
      deepStrictEqual(jsonOf(await install(project, "--remove", "--force")).removed, ["schema lifeboat"]);
      ok(
        (await project.sql("select to_regclass('public.backup_history') as t"))[0].t,
        "a stranger's table is no history",
      );
    });
  } finally {
    await server.stop();
  }
}

const RUN = `insert into public.backup_history
  (kind, status, trigger, project, recovery_point, started_at, finished_at)
  values ('database', 'success', 'manual', 'sample', '2026-11-21T02-17-00Z', now(), now())`;

/** The stand-ins for pg_cron, pg_net and Vault that the local stack has. */
async function installVault(project: TestProject): Promise<void> {
  const text = await Deno.readTextFile(new URL("../../local/platform_schedule.sql", import.meta.url));
  await withClient(project.superuserUrl, (client) => client.query(text));
}

async function jobsOf(project: TestProject): Promise<string[]> {
  return (await project.sql<{ jobname: string }>("select jobname from cron.job order by 1")).map(({ jobname }) =>
    jobname
  );
}

/** Every relation, function and type outside the system's schemas. */
async function objectsOf(project: TestProject): Promise<unknown[]> {
  return await project.sql(
    `select 'relation ' || oid::regclass::text as name from pg_class where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
     union all select 'function ' || oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
     union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_toast|^pg_temp'
     union all select 'type ' || oid::regtype::text from pg_type where typnamespace::regnamespace::text !~ '^(pg_|information_schema)'
     order by 1`,
  );
}
