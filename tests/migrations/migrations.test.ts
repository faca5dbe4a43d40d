import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { backupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import { migrate } from "../support/migrations.ts";
import { POSTGRES_15, testOnPostgres15 } from "../support/postgres.ts";
import { startTestServer, type TestProject, type TestServer } from "../support/test_server.ts";

type Tests = Record<string, (server: TestServer) => Promise<void>>;

const ADMIN = "00000000-0000-4000-8000-00000000000a";
const MEMBER = "00000000-0000-4000-8000-00000000000b";
const USERS = `insert into auth.users (id, email) values
  ('${ADMIN}', 'admin@example.com'), ('${MEMBER}', 'member@example.com')`;
const HISTORY = `insert into public.backup_history
    (kind, status, trigger, project, recovery_point, started_at, finished_at, bytes, details)
  values ('database', 'success', 'cron', 'sample', '2026-11-21T02-17-00Z', now(), now(), 5, '{}')`;

/** Runs SQL as an API role does: with the claims of a user, in a transaction that is rolled back. */
async function as(project: TestProject, role: string, userId: string | null, statement: string): Promise<unknown[]> {
  const claims = userId === null ? "" : JSON.stringify({ sub: userId, role });
  return await project.sql(
    `begin; set local role ${role}; select set_config('request.jwt.claims', '${claims}', true); ${statement}`,
  );
}

const DENIED = { code: "42501" };

/** Fails unless only admins read the history, whatever roles the project had before the migrations. */
async function assertOnlyAdminsRead(project: TestProject): Promise<void> {
  await project.sql(HISTORY);
  const read = "select id from public.backup_history";
  strictEqual((await as(project, "authenticated", ADMIN, read)).length, 1);
  strictEqual((await as(project, "authenticated", MEMBER, read)).length, 0);
  strictEqual((await as(project, "authenticated", null, read)).length, 0);
  strictEqual((await as(project, "service_role", null, read)).length, 1);
  await rejects(as(project, "anon", null, read), DENIED);
  for (
    const write of [
      HISTORY,
      "update public.backup_history set status = 'failed'",
      "delete from public.backup_history",
      "truncate public.backup_history",
    ]
  ) {
    await rejects(as(project, "authenticated", ADMIN, write), DENIED, write);
    await rejects(as(project, "anon", null, write), DENIED, write);
  }
  await as(project, "service_role", null, HISTORY);
  await as(project, "service_role", null, "update public.backup_history set pinned = true");
}

async function definitions(project: TestProject): Promise<unknown> {
  return await project.sql(`
    select p.oid, pg_get_functiondef(p.oid), p.proacl::text from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname = 'has_role'
    union all
    select c.oid, string_agg(a.attname || format_type(a.atttypid, a.atttypmod), ',' order by a.attnum), c.relacl::text
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.oid = to_regclass('public.user_roles') group by c.oid
    order by 1`);
}

const TESTS: Tests = {
  "an empty project gets roles, history and grants, and may be migrated again": async (server) => {
    const project = await server.createProject(USERS);
    const notices = await migrate(project.url);
    for (const extension of ["pg_cron", "pg_net", "supabase_vault"]) {
      ok(notices.some((notice) => notice.includes(`extension ${extension} could not be enabled`)), extension);
    }
    await migrate(project.url);
    await project.sql(
      `insert into public.user_roles (user_id, role) values ('${ADMIN}', 'admin'), ('${MEMBER}', 'user')`,
    );
    await assertOnlyAdminsRead(project);
    await migrate(project.url);
    const [{ count }] = await project.sql("select count(*) from public.backup_history");
    strictEqual(count, "1", "applying again keeps what is there");

    const roles = "select role from public.user_roles";
    deepStrictEqual(await as(project, "authenticated", MEMBER, roles), [{ role: "user" }]);
    await rejects(as(project, "anon", null, roles), DENIED);
    await rejects(
      as(
        project,
        "authenticated",
        MEMBER,
        `insert into public.user_roles (user_id, role) values ('${MEMBER}', 'admin')`,
      ),
      DENIED,
    );
    await rejects(as(project, "anon", null, `select public.has_role('${ADMIN}', 'admin')`), DENIED);
  },

  "a project's own enum, user_roles and has_role are used and left untouched": async (server) => {
    const project = await server.createProject(`${USERS};
      create type public.app_role as enum ('creator', 'brand', 'admin');
      create table public.user_roles (user_id uuid, role public.app_role, primary key (user_id, role));
      create function public.has_role(_user_id uuid, _role public.app_role) returns boolean
        language sql stable security definer set search_path = public
        as $$ select exists (select 1 from user_roles where user_id = _user_id and role = _role) $$;
      insert into public.user_roles values ('${ADMIN}', 'admin'), ('${MEMBER}', 'brand')`);
    const before = await definitions(project);
    await migrate(project.url);
    await migrate(project.url);
    deepStrictEqual(await definitions(project), before);
    await assertOnlyAdminsRead(project);
  },

  "so are a has_role with other parameter names and roles as text": async (server) => {
    const project = await server.createProject(`${USERS};
      create table public.user_roles (id serial primary key, user_id uuid, role text);
      create function public.has_role(uid uuid, role_name text) returns boolean
        language plpgsql stable security definer set search_path = public
        as $$ begin return exists (select 1 from user_roles u where u.user_id = uid and u.role = role_name); end $$;
      insert into public.user_roles (user_id, role) values ('${ADMIN}', 'admin'), ('${MEMBER}', 'user')`);
    const before = await definitions(project);
    await migrate(project.url);
    await migrate(project.url);
    deepStrictEqual(await definitions(project), before);
    strictEqual((await project.sql("select to_regtype('public.app_role') as type"))[0].type, null);
    await assertOnlyAdminsRead(project);
  },

  "a user_roles without has_role gets one that reads it": async (server) => {
    const project = await server.createProject(`${USERS};
      create table public.user_roles (user_id uuid, role text);
      insert into public.user_roles values ('${ADMIN}', 'admin'), ('${MEMBER}', 'user')`);
    await migrate(project.url);
    await migrate(project.url);
    await assertOnlyAdminsRead(project);
  },

  "roles that know no admin are named in a notice, and nobody reads": async (server) => {
    const project = await server.createProject(`${USERS};
      create type public.app_role as enum ('member');
      create function public.has_role(_user_id uuid, _role public.app_role) returns boolean
        language sql as $$ select true $$`);
    const notices = await migrate(project.url);
    ok(notices.some((notice) => notice.includes("roles could not be used")), notices.join("\n"));
    await project.sql(HISTORY);
    strictEqual((await as(project, "authenticated", ADMIN, "select id from public.backup_history")).length, 0);
  },

  "somebody else's table of the same name stops the migration": async (server) => {
    const project = await server.createProject("create table public.backup_history (id int, note text)");
    await rejects(migrate(project.url), /public.backup_history exists and is not Lifeboat's/);
  },

  "the history has the columns of its contract": async (server) => {
    const project = await server.createProject();
    await migrate(project.url);
    const [{ row }] = await project.sql<{ row: Record<string, unknown> }>(
      `${HISTORY} returning to_jsonb(backup_history) as row`,
    );
    const { created_at, ...contract } = row;
    deepStrictEqual(Object.keys(contract).sort(), Object.keys(backupHistoryRow.shape).sort());
    ok(typeof created_at === "string");
    backupHistoryRow.parse(row);
  },

  "the private schema is closed to the API's roles": async (server) => {
    const project = await server.createProject();
    await migrate(project.url);
    for (const role of ["anon", "authenticated"]) {
      await rejects(as(project, role, null, "select 1 from lifeboat.settings"), DENIED);
      await rejects(as(project, role, null, `select lifeboat.request_cancel('${ADMIN}')`), DENIED);
    }
    await as(project, "service_role", null, "select 1 from lifeboat.settings");
    deepStrictEqual(
      await project.sql(`
        select c.relname, r.rolname from pg_class c, pg_roles r
        where c.relnamespace = 'lifeboat'::regnamespace and c.relkind in ('r', 'v', 'p')
          and r.rolname in ('anon', 'authenticated')
          and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')`),
      [],
    );
    deepStrictEqual(
      await project.sql(`
        select p.oid::regprocedure::text from pg_proc p, pg_roles r
        where p.pronamespace = 'lifeboat'::regnamespace and r.rolname in ('anon', 'authenticated')
          and has_function_privilege(r.oid, p.oid, 'execute')`),
      [],
    );
  },

  // Immutable SQL functions are exempt: a pinned path would keep them from being inlined into queries.
  "every function of Lifeboat that looks anything up pins its search_path": async (server) => {
    const project = await server.createProject();
    await migrate(project.url);
    deepStrictEqual(
      await project.sql(`
        select p.oid::regprocedure::text from pg_proc p
        where (p.pronamespace = 'lifeboat'::regnamespace or p.proname = 'has_role')
          and (p.prosecdef or p.provolatile <> 'i')
          and not coalesce(p.proconfig @> array['search_path=""'], false)`),
      [],
    );
  },
};

async function run(test: Deno.TestContext, binDir?: string): Promise<void> {
  const server = await startTestServer({ binDir });
  try {
    for (const [name, body] of Object.entries(TESTS)) await test.step(name, () => body(server));
  } finally {
    await server.stop();
  }
}

Deno.test("migrations on PostgreSQL 18", (test) => run(test));
testOnPostgres15("migrations on PostgreSQL 15", (test) => run(test, POSTGRES_15));
