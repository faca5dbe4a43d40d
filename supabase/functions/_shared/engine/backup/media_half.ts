import type { BackupHistoryRow, MediaDetails } from "../../contract/mod.ts";
import { type CopiesLimits, recallCopies } from "../copies/mod.ts";
import { settlePoint } from "../maintenance/mod.ts";
import { backupMedia, type MediaDependencies, type MediaSettings } from "../media/backup_media.ts";
import { rememberDestination } from "../media/destination.ts";
import type { RunOutcome } from "../run/run.ts";
import { executeRun, type LeasedRun } from "../run/run_store.ts";
import { claimOwnership } from "../store/ownership.ts";
import type { PointNotifier } from "./point_notifier.ts";

export interface MediaHalfDependencies extends MediaDependencies {
  readonly notifier: PointNotifier;
}

export interface MediaHalfSettings extends MediaSettings {
  readonly projectUrl: string;
  readonly copies: CopiesLimits;
}

/** The media half of a recovery point, from the lease to the settled history row. Failure ends in the row. Throws as `executeRun`. */
export async function runMediaHalf(
  dependencies: MediaHalfDependencies,
  settings: MediaHalfSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const { store, clock } = dependencies;
  const row = await executeRun(run, async (running) => {
    const owner = { project: running.project, projectUrl: settings.projectUrl };
    const marker = await claimOwnership(store, owner, clock.now(), running.signal);
    await rememberDestination(dependencies.database, marker, running.signal);
    // Tables that were lost, or a project that was restored beside its bucket: what lies there need not be sent again.
    const recalled = await recallCopies(dependencies, running.project, settings.copies, running.signal);
    const outcome = await backupMedia(dependencies, settings, running);
    return recalled.leftOut === null ? outcome : withWarning(outcome);
  }, shutDown);
  await settlePoint(dependencies, { project: row.project, recoveryPoint: row.recovery_point });
  return row;
}

function withWarning(outcome: RunOutcome): RunOutcome {
  const details = outcome.details as MediaDetails;
  const warning = "The bookkeeping of stored files is lost and too long to be rebuilt here, so every file is stored " +
    "anew. `npm run lifeboat -- verify` rebuilds it.";
  return { ...outcome, details: { ...details, warnings: [...details.warnings, warning] } };
}
