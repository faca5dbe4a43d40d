import type { Database, Session } from "../database.ts";
import { quoteIdentifier, quoteLiteral } from "../format/sql_names.ts";

/** A PostgreSQL server whose role may create databases, as role `postgres` of a hosted project may. */
export interface DatabaseServer {
  /** The database that the connection string names; scratch databases are created from it. */
  readonly home: Database;
  /** Another database of the same server, with the same role. */
  database(name: string): Database;
}

export interface ScratchDatabase {
  readonly name: string;
  readonly database: Database;
}

const PREFIX = "lifeboat_drill_";

/**
 * Gives `work` an empty database and always drops it afterwards. First drops those that killed drills of this project
 * left. `whenLeft` gets the error when this database could not be dropped. Throws what the database throws.
 */
export async function withScratchDatabase<Result>(
  server: DatabaseServer,
  owner: { readonly project: string; readonly runId: string },
  work: (scratch: ScratchDatabase) => Promise<Result>,
  whenLeft: (name: string, error: unknown) => void,
  signal: AbortSignal,
): Promise<Result> {
  // A database that a killed drill left is found by its name, the only mark that is made in the same step as the
  // database.
  const prefix = `${PREFIX}${(await sha256(owner.project)).slice(0, 12)}_`;
  const name = `${prefix}${owner.runId.replaceAll("-", "").toLowerCase()}`;
  const comment = `Scratch database of a restore drill of ${owner.project}.`;
  await onHome(server, (session) => create(session, { prefix, name, comment }, signal), signal);
  try {
    return await work({ name, database: server.database(name) });
  } finally {
    // The run's signal is not passed on, so that a cancelled drill drops its database, too.
    await onHome(server, (session) => drop(session, name)).catch((error) => whenLeft(name, error));
  }
}

async function create(
  session: Session,
  { prefix, name, comment }: { readonly prefix: string; readonly name: string; readonly comment: string },
  signal: AbortSignal,
): Promise<void> {
  const left = await session.query<{ name: string }>(
    "select datname as name from pg_catalog.pg_database where pg_catalog.starts_with(datname, $1)",
    [prefix],
    signal,
  );
  for (const database of left) await drop(session, database.name);
  // template1 may hold objects that are not in the backup.
  await session.query(`create database ${quoteIdentifier(name)} template template0`, undefined, signal);
  await session.query(`comment on database ${quoteIdentifier(name)} is ${quoteLiteral(comment)}`, undefined, signal);
}

/** Drops a database. `force` ends connections that a killed drill left open. */
async function drop(session: Session, name: string): Promise<void> {
  await session.query(`drop database if exists ${quoteIdentifier(name)} with (force)`);
}

async function onHome(
  { home }: DatabaseServer,
  work: (session: Session) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const session = await home.connect({ applicationName: "lifeboat drill" }, signal);
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
