import { pinSettings } from "../catalogue/pin_settings.ts";
import type { Database, Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { type Catalogue, type CatalogueTable, type DumpScope, readCatalogue } from "../catalogue/catalogue.ts";
import { quoteTable } from "../format/sql_names.ts";
import { nameBlocker } from "./lock_conflict.ts";

/** A REPEATABLE READ snapshot with every table of the dump locked against TRUNCATE and rewriting ALTER. */
export interface Snapshot {
  readonly session: Session;
  readonly catalogue: Catalogue;
  /** For `set transaction snapshot` in another session, as long as this one is open. */
  readonly snapshotId: string;
  readonly takenAt: string;
  readonly serverVersion: string;
  readonly serverVersionNumber: number;
  readonly encoding: string;
  /** The session's backend, by which others tell that it is alive. */
  readonly pid: number;
  readonly backendStart: string;
}

/** Seen in pg_stat_activity, so that nobody ends a session that holds a snapshot. */
export const DUMP_SESSION = { applicationName: "lifeboat dump" };

/** How often the catalogue may change under the locks before the run gives up. */
const MOST_ATTEMPTS = 5;
/** LOCK TABLE statements name this many tables at most, so that no statement grows without bound. */
const TABLES_PER_LOCK = 200;
const UNDEFINED_TABLE = "42P01";
const UNDEFINED_SCHEMA = "3F000";

/**
 * Locks first, then takes the snapshot. A snapshot alone lies: a TRUNCATE or a rewriting ALTER that commits after it is
 * taken makes a table that was not read yet read as empty, and a count from the same snapshot agrees. Under ACCESS SHARE
 * both wait. What changed between reading the catalogue and holding the locks makes it start over.
 *
 * Throws `lock_timeout`, `catalogue_unstable` (transient), `encoding_unsupported` and the session's errors. The caller
 * closes the session.
 */
export async function openSnapshot(
  database: Database,
  scope: DumpScope,
  lockTimeoutMs: number,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const session = await database.connect(DUMP_SESSION, signal);
  try {
    await pinSettings(session, lockTimeoutMs, signal);
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const before = await readCatalogue(session, scope, signal);
      await session.query("begin transaction isolation level repeatable read, read only", undefined, signal);
      const locked = await lockTables(session, before.tables, "", signal);
      const catalogue = locked ? await readCatalogue(session, scope, signal) : null;
      if (catalogue && fingerprint(catalogue.tables) === fingerprint(before.tables)) {
        return { session, catalogue, ...await describe(session, signal) };
      }
      await session.query("rollback", undefined, signal);
    }
  } catch (error) {
    await session.close();
    throw error;
  }
  await session.close();
  throw new LifeboatError({
    code: "catalogue_unstable",
    kind: "transient",
    message: `Tables were created, altered or dropped during each of ${MOST_ATTEMPTS} attempts to begin the dump.`,
    hint: "Wait until the migrations that are running have ended, then run the backup again.",
    operation: "dump.snapshot",
  });
}

/** False when a table went away in between. Throws `lock_timeout` naming the statement that is in the way. */
export async function lockTables(
  session: Session,
  tables: readonly CatalogueTable[],
  mode: "" | "nowait",
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    for (let start = 0; start < tables.length; start += TABLES_PER_LOCK) {
      const names = tables.slice(start, start + TABLES_PER_LOCK).map((table) => `only ${quoteTable(table)}`);
      await session.query(`lock table ${names.join(", ")} in access share mode ${mode}`, undefined, signal);
    }
    return true;
  } catch (error) {
    if (hasCode(error, "database_error") && [UNDEFINED_TABLE, UNDEFINED_SCHEMA].includes(error.subject ?? "")) {
      return false;
    }
    if (hasCode(error, "lock_timeout")) throw await nameBlocker(session, tables, error, signal);
    throw error;
  }
}

/** Everything about a table but what autovacuum or a writer may change without a lock that conflicts with ours. */
function fingerprint(tables: readonly CatalogueTable[]): string {
  return JSON.stringify(tables.map(({ estimatedRows: _rows, toasted: _toasted, ...table }) => table));
}

/** Exports the transaction's snapshot under a name of this session's own, and says of what it is one. */
export async function describe(
  session: Session,
  signal?: AbortSignal,
): Promise<Omit<Snapshot, "session" | "catalogue">> {
  const [row] = await session.query<Omit<Snapshot, "session" | "catalogue">>(
    `select pg_catalog.pg_export_snapshot() as "snapshotId",
       pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "takenAt",
       pg_catalog.current_setting('server_version') as "serverVersion",
       pg_catalog.current_setting('server_version_num')::int4 as "serverVersionNumber",
       pg_catalog.current_setting('server_encoding') as encoding,
       pg_catalog.pg_backend_pid() as pid,
       (select a.backend_start::text from pg_catalog.pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid())
         as "backendStart"`,
    undefined,
    signal,
  );
  if (row.encoding !== "SQL_ASCII") return row;
  throw new LifeboatError({
    code: "encoding_unsupported",
    kind: "permanent",
    message: "The database's encoding is SQL_ASCII, so its bytes need not be text that JSON can hold.",
    hint: "Copy this database with pg_dump, or move it to a database with encoding UTF8.",
    operation: "dump.snapshot",
  });
}
