import type { BackupHistoryRow } from "../../contract/mod.ts";
import { beginDump, continueDump } from "../dump/begin_dump.ts";
import type { ChainHost } from "../dump/chain_host.ts";
import type { ClaimedStep } from "../dump/claim_step.ts";
import { DumpChain } from "../dump/dump_chain.ts";
import type { DumpDependencies, DumpSettings } from "../dump/dump_settings.ts";
import { asLifeboatError } from "../errors.ts";
import { type DumpStarter, restartDump } from "../maintenance/restart_dump.ts";
import type { MediaStarter } from "../maintenance/resume_media.ts";
import { type PointName, settlePoint } from "../maintenance/settle_point.ts";
import { returnUploads } from "../maintenance/return_uploads.ts";
import { quoteLiteral } from "../format/sql_names.ts";
import { listMediaObjects } from "../media/object_list.ts";
import type { Ping } from "../notify/ping.ts";
import { afterHandOver } from "../run/hand_over.ts";
import { executeStep, type LeasedRun, noteWarning } from "../run/run_store.ts";
import type { PointNotifier } from "../notify/point_notifier.ts";

export interface DatabaseBackupDependencies extends DumpDependencies {
  readonly mediaStarter: MediaStarter;
  readonly notifier: PointNotifier;
  readonly ping?: Ping;
  /** On a host with limits: what lets a dump go on in another invocation. `ending` announces the end of this one. */
  readonly chain?: ((ending?: AbortSignal) => ChainHost) | undefined;
  /** On a host whose workers may die: what starts a dump anew. */
  readonly dumpStarter?: DumpStarter | undefined;
}

export interface DatabaseBackupSettings extends DumpSettings {
  /** Buckets whose objects belong to the point; all of them when absent. */
  readonly buckets?: readonly string[];
}

/**
 * Backs up the database of a recovery point, from the lease to the settled history row: dump, object list in the dump's own
 * snapshot, then the start of the media backup. A failure is written to the row. Throws as `executeRun`.
 */
export async function runDatabaseBackup(
  dependencies: DatabaseBackupDependencies,
  settings: DatabaseBackupSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  return (await beginDatabaseBackup(
    { ...dependencies, chain: undefined, dumpStarter: undefined },
    settings,
    run,
    shutDown,
  ))!;
}

/** As `runDatabaseBackup`, but returns undefined when another invocation goes on with the dump. */
export async function beginDatabaseBackup(
  dependencies: DatabaseBackupDependencies,
  settings: DatabaseBackupSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow | undefined> {
  const chain = dependencies.chain && new DumpChain(run, dependencies.chain(shutDown), 1, 0);
  const row = await executeStep(
    run,
    async (running) => {
      await chain?.announce();
      const startWarning = await dependencies.ping?.start(running.signal);
      return await beginDump(dependencies, settings, running, {
        readSnapshot: (snapshotId, signal) =>
          listObjects(dependencies, settings, running.recoveryPoint, snapshotId, signal),
        warnings: startWarning ? [startWarning] : [],
        chain,
      });
    },
    chain ? afterHandOver(shutDown, dependencies.clock) : shutDown,
  );
  return row && await afterwards(dependencies, row);
}

/** Goes on with a dump that earlier invocations began. Otherwise as `beginDatabaseBackup`. */
export async function continueDatabaseBackup(
  dependencies: DatabaseBackupDependencies,
  claimed: ClaimedStep,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow | undefined> {
  const chain = new DumpChain(claimed.run, dependencies.chain!(shutDown), claimed.step, claimed.lostSteps);
  const row = await executeStep(
    claimed.run,
    () => continueDump(dependencies, claimed, chain),
    afterHandOver(shutDown, dependencies.clock),
  );
  return row && await afterwards(dependencies, row);
}

/** What a settled run leads to. A worker that dies in it leaves it to maintenance. */
async function afterwards(dependencies: DatabaseBackupDependencies, row: BackupHistoryRow): Promise<BackupHistoryRow> {
  const point = { project: row.project, recoveryPoint: row.recovery_point };
  if (row.status === "success" || row.status === "partial") {
    await startMedia(dependencies, row, point);
  } else {
    // What cannot be given back now stays remembered, and is tried again by maintenance.
    await returnUploads(dependencies.database, dependencies.store);
  }
  await settlePoint(dependencies, point);
  if (row.status === "failed") await startAnew(dependencies, row);
  return row;
}

async function startAnew(
  { database, dumpStarter }: DatabaseBackupDependencies,
  row: BackupHistoryRow,
): Promise<void> {
  if (!dumpStarter) return;
  try {
    await restartDump({ database, dumpStarter });
  } catch (error) {
    const { code, message } = asLifeboatError(error, "backup.restart");
    await noteWarning(database, row.id, `Another dump could not be started in its place: ${message} (${code})`);
  }
}

/** Another session imports the dump's snapshot, so that tables and files are of one moment. */
async function listObjects(
  { database }: DatabaseBackupDependencies,
  settings: DatabaseBackupSettings,
  recoveryPoint: string,
  snapshotId: string,
  signal: AbortSignal,
): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat object list" }, signal);
  try {
    await session.query(
      "set statement_timeout = 0; set lock_timeout = '30s'; set search_path = ''; set row_security = off",
      undefined,
      signal,
    );
    await session.query("begin isolation level repeatable read", undefined, signal);
    await session.query(`set transaction snapshot ${quoteLiteral(snapshotId)}`, undefined, signal);
    await listMediaObjects(session, { recoveryPoint, buckets: settings.buckets }, signal);
    await session.query("commit", undefined, signal);
  } finally {
    await session.close();
  }
}

/** A dump is as good without its files: the failure is a warning in the history, and maintenance tries again. */
async function startMedia(
  { mediaStarter, database }: DatabaseBackupDependencies,
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
