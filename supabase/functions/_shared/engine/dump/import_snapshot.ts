import type { Database, Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import type { CatalogueTable } from "../catalogue/catalogue.ts";
import { describe, DUMP_SESSION, lockTables, type Snapshot } from "./snapshot.ts";
import { pinSettings } from "../catalogue/pin_settings.ts";
import { quoteLiteral } from "../format/sql_names.ts";

/** A session that took a snapshot over, before it has locked anything. */
export interface ImportedSnapshot extends Omit<Snapshot, "catalogue"> {}

/**
 * Takes over the snapshot of a session that still holds it, and locks what is still to be read. Never waits for a lock:
 * somebody who waits for one of these tables already waits for us, and everybody else for him. The session's settings are
 * pinned already. Throws `snapshot_lost` when nobody holds the snapshot any more, `lock_timeout` and as the session does.
 */
export async function takeOverSnapshot(
  session: Session,
  snapshotId: string,
  tables: readonly CatalogueTable[],
  signal?: AbortSignal,
): Promise<ImportedSnapshot> {
  await session.query("begin transaction isolation level repeatable read, read only", undefined, signal);
  await setSnapshot(session, snapshotId, signal);
  if (!await lockTables(session, tables, "nowait", signal)) throw snapshotLost(snapshotId);
  return { session, ...await describe(session, signal) };
}

/** `takeOverSnapshot` in a session of its own, which the caller closes. */
export async function importSnapshot(
  database: Database,
  snapshotId: string,
  tables: readonly CatalogueTable[],
  lockTimeoutMs: number,
  signal?: AbortSignal,
): Promise<ImportedSnapshot> {
  const session = await database.connect(DUMP_SESSION, signal);
  try {
    await pinSettings(session, lockTimeoutMs, signal);
    return await takeOverSnapshot(session, snapshotId, tables, signal);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function setSnapshot(session: Session, snapshotId: string, signal?: AbortSignal): Promise<void> {
  try {
    await session.query(`set transaction snapshot ${quoteLiteral(snapshotId)}`, undefined, signal);
  } catch (error) {
    throw hasCode(error, "database_error") ? snapshotLost(snapshotId, error) : error;
  }
}

export function snapshotLost(snapshotId: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "snapshot_lost",
    kind: "transient",
    message: "Every worker that held the dump's snapshot of the database has ended, so it cannot go on.",
    hint: "It is started anew once by itself. If that fails too, run the backup from the command line.",
    operation: "dump.snapshot",
    subject: snapshotId,
    cause,
  });
}
