import assert from "node:assert/strict";
import { RESTORE_PREAMBLE } from "../../supabase/functions/_shared/engine/restore/preamble.ts";
import {
  freshDatabase,
  type PostgresVersion,
  reasonToSkip,
  runSql,
  SHARED_SERVERS,
  stopServersAtTheEnd,
} from "../support/postgres.ts";
import { exportOf, psql, scriptOf } from "./round_trip.ts";
import { pgDump, reasonWithoutPgDump } from "../support/pg_dump.ts";

const HOSTED = new URL("hosted_schema.sql", import.meta.url);

/**
 * The preamble as the platform runs it, as its own superuser, so that the owner may not alter the platform's schemas.
 */
const PLATFORM = `${RESTORE_PREAMBLE}
  grant usage on schema auth, storage to postgres;
  grant all on auth.users, storage.objects, storage.buckets to postgres;
  alter role authenticator set statement_timeout = '20s';
  alter role authenticator set pgrst.db_max_rows = '500';
  create policy "Avatars are public" on storage.objects for select using (bucket_id = 'profile-images');`;

async function hostedProject(version: PostgresVersion) {
  const database = await freshDatabase(version);
  await psql(database.superuserUrl, PLATFORM);
  // Roles belong to the whole server, so an earlier test may have restored some already.
  const hosted = (await Deno.readTextFile(HOSTED)).replace(
    /^create role (\w+) nologin;$/gm,
    (statement, role) => `do $$ begin if to_regrole('${role}') is null then ${statement} end if; end $$;`,
  );
  await psql(database.url, hosted);
  return database;
}

/** A target whose default privileges grant rights on every new object to the API's roles, as new hosted projects do. */
async function openTarget(version: PostgresVersion) {
  const target = await freshDatabase(version);
  await psql(
    target.url,
    `${RESTORE_PREAMBLE}
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
    alter default privileges in schema public grant all on functions to anon, authenticated, service_role;`,
  );
  return target;
}

const OWNERS = `select relname, pg_get_userbyid(relowner) as owner from pg_class
  where relnamespace = 'public'::regnamespace order by 1`;
const ACCESS = `select c.relname, r.role, p.privilege, has_table_privilege(r.role, c.oid, p.privilege) as may
  from pg_class c, (values ('anon'), ('authenticated'), ('service_role'), ('reporting')) r(role),
    (values ('select'), ('insert'), ('update'), ('delete')) p(privilege)
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm') order by 1, 2, 3`;

// The route between two versions comes first, while the target's server has no roles of the source yet.
for (const [version, targetVersion] of [[15, 18], [15, 15], [18, 18]] as const) {
  Deno.test({
    ...SHARED_SERVERS,
    name:
      `PostgreSQL ${version} to ${targetVersion}: role postgres exports a project and rebuilds it, with rows, as owner of the target`,
    ignore: reasonToSkip(version) !== null || reasonWithoutPgDump(version) !== null,
    async fn() {
      const source = await hostedProject(version);
      const exported = await exportOf(source.url);
      assert.deepEqual(exported.uncovered, []);
      const { statements } = exported;

      const target = await openTarget(targetVersion);
      await psql(target.url, scriptOf(statements, "pre-data"));
      const rows = await pgDump(
        version,
        source.superuserUrl,
        "--data-only",
        "--table=auth.users",
        "--table=public.*",
        "--table=supabase_migrations.*",
      );
      await psql(target.url, rows.replace(/^\\(un)?restrict .*$/gm, ""));
      await psql(target.url, scriptOf(statements, "post-data"));
      await psql(target.url, scriptOf(statements, "foreign-keys"));

      // No trigger exists before the restore is armed.
      const triggers = "select tgname from pg_trigger where not tgisinternal";
      assert.deepEqual(await runSql(target.url, triggers), []);
      await psql(target.url, scriptOf(statements, "activation"));
      assert.deepEqual(await runSql(target.url, triggers), [{ tgname: "on_auth_user_created" }]);

      if (version === targetVersion) assert.deepEqual((await exportOf(target.url)).statements, statements);
      assert.deepEqual(await runSql(target.superuserUrl, OWNERS), await runSql(source.superuserUrl, OWNERS));
      assert.deepEqual(await runSql(target.superuserUrl, ACCESS), await runSql(source.superuserUrl, ACCESS));
      assert.deepEqual(await runSql(target.url, "select total from public.totals"), [{ total: "12.50" }]);
      // Sequences continue after the values of the rows.
      assert.deepEqual(
        await runSql(target.url, "insert into public.bookings (profile) select id from public.profiles returning id"),
        [{ id: "2" }],
      );
    },
  });
}

for (const version of [15, 18] as const) {
  Deno.test({
    ...SHARED_SERVERS,
    name:
      `PostgreSQL ${version}: applied twice to a project's own schemas, storage policies and triggers are made once`,
    ignore: reasonToSkip(version) !== null,
    async fn() {
      const database = await freshDatabase(version);
      await psql(database.superuserUrl, PLATFORM);
      await psql(
        database.superuserUrl,
        `create function public.f() returns trigger language plpgsql as 'begin return new; end';
        create trigger t after insert on auth.users for each row execute function public.f();`,
      );
      const { statements } = await exportOf(database.superuserUrl);
      const guarded = statements.filter(({ kind }) => kind === "policy" || kind === "trigger");
      assert.equal(guarded.length, 2);
      await psql(database.superuserUrl, guarded.map(({ sql }) => sql).join("\n"));
      assert.deepEqual((await exportOf(database.superuserUrl)).statements, statements);
    },
  });
}

stopServersAtTheEnd();
