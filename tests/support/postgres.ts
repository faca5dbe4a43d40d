import type pg from "pg";
import { type Postgres, startPostgres } from "../../local/postgres.ts";
import { withClient } from "../../local/with_client.ts";

/** The oldest and the newest release that Lifeboat promises to read. */
export type PostgresVersion = 15 | 18;

/**
 * The folder of PostgreSQL 15: Debian's and Ubuntu's, unless POSTGRES_15_BIN names one. PostgreSQL 18 comes from npm.
 */
export const POSTGRES_15 = Deno.env.get("POSTGRES_15_BIN") ?? "/usr/lib/postgresql/15/bin";

/** Settings that make the server fast at the cost of durability, which no test needs. */
const SETTINGS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", statement_timeout: "0" };

const clusters = new Map<PostgresVersion, Promise<Cluster>>();

export interface TestDatabase {
  readonly name: string;
  /** The URL for role `postgres`, which owns the database but is no superuser. */
  readonly url: string;
  readonly superuserUrl: string;
}

interface Cluster {
  readonly server: Postgres;
  readonly folder: string;
  databases: number;
}

/** Why tests against `version` cannot run on this machine; null when they can. */
export function reasonToSkip(version: PostgresVersion): string | null {
  if (version === 18) return null;
  try {
    Deno.statSync(`${POSTGRES_15}/postgres`);
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `PostgreSQL 15 is not installed in ${POSTGRES_15}`;
    throw error;
  }
}

/** A test that needs PostgreSQL 15, skipped with the reason in its name where the machine has none. */
export function testOnPostgres15(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  const reason = reasonToSkip(15);
  Deno.test({ name: reason === null ? name : `${name}: ${reason}`, ignore: reason !== null, fn });
}

/**
 * Creates an empty database. Each process has one server of a version, which the first call starts and `stopServers`
 * ends. Roles belong to the server, so that all of its databases share their names.
 */
export async function freshDatabase(version: PostgresVersion): Promise<TestDatabase> {
  let starting = clusters.get(version);
  if (starting === undefined) clusters.set(version, starting = start(version));
  const cluster = await starting;
  const name = `test_${++cluster.databases}`;
  await withClient(cluster.server.superuserUrl, (client) => client.query(`create database ${name} owner postgres`));
  return databaseOn(cluster.server, name);
}

/** The addresses of a database of a server. */
export function databaseOn(server: Postgres, name: string): TestDatabase {
  const at = (url: string) => url.replace(/\/postgres$/, `/${name}`);
  return { name, url: at(server.url), superuserUrl: at(server.superuserUrl) };
}

/**
 * Options of tests that share servers. Without them Deno 2.1.4 reports a leak when one test starts what another uses.
 */
export const SHARED_SERVERS = { sanitizeOps: false, sanitizeResources: false } as const;

/** Registers a last test that ends the file's servers. Deno 2.1.4 has no `afterAll`. */
export function stopServersAtTheEnd(): void {
  Deno.test({ name: "the servers of this file are stopped", ...SHARED_SERVERS, fn: stopServers });
}

/** Stops the servers that this process started, and removes their files. */
export async function stopServers(): Promise<void> {
  for (const [version, starting] of clusters) {
    clusters.delete(version);
    const { server, folder } = await starting;
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs one or several statements and returns the rows of the last. Parameters are allowed with one statement only. */
export async function runSql<Row = Record<string, unknown>>(
  url: string,
  sql: string,
  params?: unknown[],
): Promise<Row[]> {
  return await withClient(url, async (client) => {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql, params);
    return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
  });
}

async function start(version: PostgresVersion): Promise<Cluster> {
  const folder = await Deno.makeTempDir({ prefix: `lifeboat-postgres-${version}-` });
  await Deno.chmod(folder, 0o755);
  const server = await startPostgres({
    binDir: version === 15 ? POSTGRES_15 : undefined,
    dataDir: `${folder}/data`,
    settings: SETTINGS,
  });
  return { server, folder, databases: 0 };
}
