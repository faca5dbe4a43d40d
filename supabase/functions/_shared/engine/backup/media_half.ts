import type { BackupHistoryRow } from "../../contract/mod.ts";
import { settlePoint } from "../maintenance/mod.ts";
import { backupMedia, type MediaDependencies, type MediaSettings } from "../media/backup_media.ts";
import { rememberDestination } from "../media/destination.ts";
import { executeRun, type LeasedRun } from "../run/run_store.ts";
import { claimOwnership } from "../store/ownership.ts";
import type { PointNotifier } from "./point_notifier.ts";

export interface MediaHalfDependencies extends MediaDependencies {
  readonly notifier: PointNotifier;
}

export interface MediaHalfSettings extends MediaSettings {
  readonly projectUrl: string;
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
    return await backupMedia(dependencies, settings, running);
  }, shutDown);
  await settlePoint(dependencies, { project: row.project, recoveryPoint: row.recovery_point });
  return row;
}
