import type { BackupHistoryRow, DatabaseDetails } from "../../contract/mod.ts";
import { backupDatabase } from "../dump/backup_database.ts";
import type { DumpDependencies, DumpSettings } from "../dump/dump_settings.ts";
import { asLifeboatError } from "../errors.ts";
import { type MediaStarter, type PointName, settlePoint } from "../maintenance/mod.ts";
import { listMediaObjects } from "../media/object_list.ts";
import type { Ping } from "../notify/ping.ts";
import type { RunOutcome } from "../run/run.ts";
import { executeRun, type LeasedRun, noteWarning } from "../run/run_store.ts";
import type { PointNotifier } from "./point_notifier.ts";

export interface DatabaseHalfDependencies extends DumpDependencies {
  readonly mediaStarter: MediaStarter;
  readonly notifier: PointNotifier;
  readonly ping?: Ping;
}

export interface DatabaseHalfSettings extends DumpSettings {
  /** Buckets whose objects belong to the point; all of them when absent. */
  readonly buckets?: readonly string[];
}

/**
 * The database half of a recovery point, from the lease to the settled history row: dump, object list in the dump's own
 * snapshot, then the start of the media half. Failure ends in the row. Throws as `executeRun`.
 */
export async function runDatabaseHalf(
  dependencies: DatabaseHalfDependencies,
  settings: DatabaseHalfSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const startWarning = await dependencies.ping?.start(run.signal);
  const row = await executeRun(run, async (running) => {
    const outcome = await backupDatabase(
      dependencies,
      settings,
      running,
      (snapshotId, signal) => listObjects(dependencies, settings, running.recoveryPoint, snapshotId, signal),
    );
    return startWarning ? withWarning(outcome, startWarning) : outcome;
  }, shutDown);
  const point = { project: row.project, recoveryPoint: row.recovery_point };
  // After the row has settled: a worker that dies here leaves a good dump, and maintenance starts the media half.
  if (row.status === "success" || row.status === "partial") await startMedia(dependencies, row, point);
  await settlePoint(dependencies, point);
  return row;
}

/** Another session imports the dump's snapshot, so that tables and files are of one moment. */
async function listObjects(
  { database }: DatabaseHalfDependencies,
  settings: DatabaseHalfSettings,
  recoveryPoint: string,
  snapshotId: string,
  signal: AbortSignal,
): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat object list" }, signal);
  try {
    await session.query("set statement_timeout = 0; set search_path = ''; set row_security = off", undefined, signal);
    await session.query("begin isolation level repeatable read", undefined, signal);
    await session.query(`set transaction snapshot '${snapshotId.replaceAll("'", "''")}'`, undefined, signal);
    await listMediaObjects(session, { recoveryPoint, buckets: settings.buckets }, signal);
    await session.query("commit", undefined, signal);
  } finally {
    await session.close();
  }
}

/** A dump is as good without its media half: the failure is told in the history, and maintenance tries again. */
async function startMedia(
  { mediaStarter, database }: DatabaseHalfDependencies,
  row: BackupHistoryRow,
  point: PointName,
): Promise<void> {
  try {
    await mediaStarter.startMedia(point);
  } catch (error) {
    const { code, message } = asLifeboatError(error, "backup.start_media");
    await noteWarning(
      database,
      row.id,
      `The media backup could not be started and will be tried again: ${message} (${code})`,
    );
  }
}

function withWarning(outcome: RunOutcome, warning: string): RunOutcome {
  const details = outcome.details as DatabaseDetails;
  return { ...outcome, details: { ...details, warnings: [...details.warnings, warning] } };
}
