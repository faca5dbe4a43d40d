import { join } from "node:path";
import pg from "pg";
import { type Postgres, startPostgres } from "../../local/postgres.ts";

/** As much of a hosted project as the migrations lean on: the API's roles, `auth.users` and `auth.uid()`. */
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

/** PostgreSQL 15 as Debian packages it, the oldest that Supabase hosts. */
export const POSTGRES_15 = "/usr/lib/postgresql/15/bin";

/** A test that needs PostgreSQL 15, skipped with the reason in its name where the machine has none. */
export async function testOnPostgres15(name: string, fn: (test: Deno.TestContext) => Promise<void>): Promise<void> {
  const missing = await Deno.stat(`${POSTGRES_15}/postgres`).then(() => false, () => true);
  Deno.test({ name: missing ? `${name}: postgresql-15 is not installed` : name, ignore: missing, fn });
}

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);

/** A server with databases that look like hosted projects. */
export interface TestServer {
  readonly postgres: Postgres;
  /** A new database with the hosted stub; `setUp` runs as role postgres before anything of Lifeboat's. */
  createProject(setUp?: string): Promise<TestProject>;
  /** Ends the server; `start` brings it back on the same port with the same data. */
  pause(): Promise<{ start(): Promise<void> }>;
  stop(): Promise<void>;
}

export interface TestProject {
  readonly name: string;
  /** Connection string of role `postgres`, which migrates and serves. */
  readonly url: string;
  readonly superuserUrl: string;
  /** Runs SQL as role `postgres`; the rows of the last statement. */
  sql<Row = Record<string, unknown>>(text: string, params?: unknown[]): Promise<Row[]>;
}

/** Starts an empty server in a directory of its own. */
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
      const project = projectOn(postgres, name);
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

/** The project's migrations in order: file name and text. */
export async function readMigrations(): Promise<{ name: string; sql: string }[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(MIGRATIONS)) if (entry.name.endsWith(".sql")) names.push(entry.name);
  names.sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sql: await Deno.readTextFile(new URL(name, MIGRATIONS)) })),
  );
}

/** Applies every migration, each in a transaction as `supabase db push` does. Returns the notices that were raised. */
export async function migrate(url: string): Promise<string[]> {
  const notices: string[] = [];
  const client = new pg.Client({ connectionString: url });
  client.on("notice", (notice) => notices.push(notice.message ?? ""));
  await client.connect();
  try {
    for (const { name, sql } of await readMigrations()) {
      await client.query(`begin; ${sql}; commit`).catch((error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
    }
  } finally {
    await client.end();
  }
  return notices;
}

function projectOn(postgres: Postgres, name: string): TestProject {
  const url = withDatabase(postgres.url, name);
  return {
    name,
    url,
    superuserUrl: withDatabase(postgres.superuserUrl, name),
    sql: (text, params) => runSql(url, text, params),
  };
}

function withDatabase(url: string, name: string): string {
  const result = new URL(url);
  result.pathname = `/${name}`;
  return result.href;
}

async function runSql<Row>(url: string, text: string, params?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(text, params);
    return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
  } finally {
    await client.end();
  }
}
