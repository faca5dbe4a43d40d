import type { BackupHistoryRow } from "../../contract/mod.ts";
import { type CopiesLimits, recallCopies } from "../copies/mod.ts";
import { asLifeboatError, hasCode } from "../errors.ts";
import type { MediaStarter } from "../maintenance/resume_media.ts";
import { settlePoint } from "../maintenance/settle_point.ts";
import { backupMedia, type MediaInvocation, workOnMedia } from "../media/backup_media.ts";
import type { MediaDependencies, MediaSettings } from "../media/media_settings.ts";
import { isRemembered, rememberDestination } from "../media/destination.ts";
import type { Budget } from "../run/budget.ts";
import { noteCutShort } from "../run/hand_over.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import { executeRun, executeStep, type LeasedRun, type LeftRun, noteWarning } from "../run/run_store.ts";
import { claimOwnership } from "../store/ownership.ts";
import { keepSeen, type MediaUnit, type MediaWorkerStarter, startMediaWorkers } from "./media_workers.ts";
import type { MediaShare } from "./media_run.ts";
import type { PointNotifier } from "../notify/point_notifier.ts";

export interface MediaBackupDependencies extends MediaDependencies {
  readonly notifier: PointNotifier;
}

export interface MediaBackupSettings extends MediaSettings {
  readonly projectUrl: string;
  readonly copies: CopiesLimits;
}

/** What a host with limits gives, so that a media run is the work of many invocations. */
export interface MediaHost {
  readonly starter: MediaWorkerStarter & MediaStarter;
  readonly budget: Budget;
  readonly unit: MediaUnit;
  /** Aborted when the platform is about to end this process. */
  readonly ending?: AbortSignal;
  /** Called when this invocation will do no more work and calls others. */
  readonly onWorked?: () => void;
}

/** Backs up the files of a recovery point in this process alone. A failure is written to the row. Throws as `executeRun`. */
export async function runMediaBackup(
  dependencies: MediaBackupDependencies,
  settings: MediaBackupSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const row = await executeRun(run, async (running) => {
    const warnings = await prepare(dependencies, settings, running);
    return await backupMedia(dependencies, settings, running, warnings);
  }, shutDown);
  await settlePoint(dependencies, { project: row.project, recoveryPoint: row.recovery_point });
  return row;
}

/**
 * One invocation's part in a media run. Returns the settled row when the run ended with it; undefined when others go on.
 * The point that was asked for meanwhile is begun at the end. Failure ends in the row. Throws as `executeStep`.
 */
export async function shareMediaBackup(
  dependencies: MediaBackupDependencies,
  settings: MediaBackupSettings,
  share: MediaShare,
  host: MediaHost,
): Promise<BackupHistoryRow | undefined> {
  const ended = new AbortController();
  const seen = keepSeen(share.run, share.worker, ended.signal);
  let row: BackupHistoryRow | undefined;
  try {
    row = await executeStep(share.run, (running) => workAndLeave(dependencies, settings, share, host, running));
  } finally {
    ended.abort();
    await seen;
  }
  if (!row) return undefined;
  await settlePoint(dependencies, { project: row.project, recoveryPoint: row.recovery_point });
  host.onWorked?.();
  await beginNext(dependencies, host, row);
  return row;
}

async function workAndLeave(
  dependencies: MediaBackupDependencies,
  settings: MediaBackupSettings,
  share: MediaShare,
  host: MediaHost,
  run: Run,
): Promise<RunOutcome | LeftRun> {
  const invocation: MediaInvocation = {
    id: share.worker,
    begins: share.begins,
    budget: host.budget,
    ...share.begins && { onQueue: async () => void await startMediaWorkers(host.starter, share, false, host.unit) },
  };
  try {
    // Settings that changed while the run was at work: what this one stored would lie where the manifest does not look.
    if (!share.begins && !await isSameDestination(dependencies, settings, run)) return { left: undefined };
    const warnings = share.begins ? await prepare(dependencies, settings, run) : [];
    const step = await workOnMedia(dependencies, settings, run, { ...invocation, warnings });
    if (step.state === "closed") return step.outcome;
  } catch (error) {
    // One invocation's connection is no reason to end the run of all. Where nobody is left, maintenance takes it up.
    if (hasCode(run.signal.reason, "lease_lost")) return { left: undefined };
    if (run.signal.aborted || !hasCode(error, "database_connection_lost")) throw error;
  }
  host.onWorked?.();
  await noteCutShort(share.run, host.ending);
  await startMediaWorkers(host.starter, share, true, host.unit);
  return { left: undefined };
}

async function isSameDestination(
  { store, database, clock }: MediaBackupDependencies,
  { projectUrl }: MediaBackupSettings,
  run: Run,
): Promise<boolean> {
  const marker = await claimOwnership(store, { project: run.project, projectUrl }, clock.now(), run.signal);
  return await isRemembered(database, marker, run.signal);
}

/** Checks whose bucket it is, and what is known of it. Returns what the owner should know. */
async function prepare(
  dependencies: MediaBackupDependencies,
  settings: MediaBackupSettings,
  run: Run,
): Promise<string[]> {
  const owner = { project: run.project, projectUrl: settings.projectUrl };
  const marker = await claimOwnership(dependencies.store, owner, dependencies.clock.now(), run.signal);
  await rememberDestination(dependencies.database, marker, run.signal);
  // Tables that were lost, or a project that was restored beside its bucket: what lies there need not be sent again.
  const recalled = await recallCopies(dependencies, run.project, settings.copies, run.signal);
  if (recalled.leftOut === null) return [];
  return [
    "The bookkeeping of stored files is lost and too long to be rebuilt here, so every file is stored anew. " +
    "`npm run lifeboat -- verify` rebuilds it.",
  ];
}

/** The point that was asked for while this one was at work. One that cannot be started is owed, and maintenance tries again. */
async function beginNext(
  { database }: MediaBackupDependencies,
  { starter }: MediaHost,
  row: BackupHistoryRow,
): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat media" });
  let next: string | null;
  try {
    [{ next }] = await session.query<{ next: string | null }>(
      "select lifeboat.next_media_point($1) as next",
      [row.project],
    );
  } finally {
    await session.close();
  }
  if (next === null) return;
  try {
    await starter.startMedia({ project: row.project, recoveryPoint: next });
  } catch (error) {
    const { code, message } = asLifeboatError(error, "backup.start_media");
    await noteWarning(database, row.id, `The media backup of ${next} could not be started yet: ${message} (${code})`);
  }
}
