import { join } from "node:path";
import { type Postgres, startPostgres } from "../../local/postgres.ts";
import { databaseOn, runSql, type TestDatabase } from "./postgres.ts";

/** The parts of a hosted project that the migrations need: the API's roles, `auth.users` and `auth.uid()`. */
const HOSTED_STUB = `
do $$
declare role_name text;
begin
  foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I nologin', role_name);
    end if;
  end loop;
  alter role service_role bypassrls;
end $$;
grant anon, authenticated, service_role to postgres;
grant usage on schema public to anon, authenticated, service_role;
create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role, postgres;
create table auth.users (id uuid primary key default gen_random_uuid(), email text);
grant all on auth.users to postgres;
create function auth.uid() returns uuid language sql stable
  as $$ select (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$;
`;

/** A server with databases that look like hosted projects. */
export interface TestServer {
  readonly postgres: Postgres;
  /** Creates a database with these parts. `setUp` is SQL that role `postgres` runs before Lifeboat is installed. */
  createProject(setUp?: string): Promise<TestProject>;
  /** Stops the server; `start` starts it again on the same port with the same data. */
  pause(): Promise<{ start(): Promise<void> }>;
  stop(): Promise<void>;
}

/** A database that looks like a hosted project. Role `postgres` installs Lifeboat there and runs it. */
export interface TestProject extends TestDatabase {
  /** Runs SQL as role `postgres` and returns the rows of the last statement. */
  sql<Row = Record<string, unknown>>(text: string, params?: unknown[]): Promise<Row[]>;
}

/** Starts a server without databases of ours, in a directory of its own. */
export async function startTestServer(
  options: { binDir?: string; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const directory = await Deno.makeTempDir({ prefix: "lifeboat-test-" });
  await Deno.chmod(directory, 0o755);
  const start = (port?: number) =>
    startPostgres({
      binDir: options.binDir,
      dataDir: join(directory, "data"),
      settings: { fsync: "off", ...options.settings },
      port,
    });
  let postgres = await start();
  let projects = 0;
  return {
    get postgres() {
      return postgres;
    },
    async createProject(setUp) {
      const name = `project_${++projects}`;
      await runSql(postgres.url, `create database ${name}`);
      const database = databaseOn(postgres, name);
      const project: TestProject = { ...database, sql: (text, params) => runSql(database.url, text, params) };
      await runSql(project.superuserUrl, HOSTED_STUB);
      if (setUp) await project.sql(setUp);
      return project;
    },
    async pause() {
      await postgres.stop();
      return {
        async start() {
          postgres = await start(postgres.port);
        },
      };
    },
    async stop() {
      await postgres.stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
