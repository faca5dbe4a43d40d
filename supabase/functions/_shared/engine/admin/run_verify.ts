import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { PointNotifier } from "../backup/point_notifier.ts";
import { reportDamage } from "../maintenance/mod.ts";
import { executeRun, type LeasedRun } from "../run/run_store.ts";
import type { VerifyCoverage } from "../verify/sampling.ts";
import type { VerifyDependencies, VerifySettings } from "../verify/verify_context.ts";
import { verifyPoint } from "../verify/verify_point.ts";

export interface RunVerifyDependencies extends VerifyDependencies {
  readonly notifier: Pick<PointNotifier, "notifyDamaged">;
}

/**
 * Verifies the recovery point of a run of kind `verify`, from the lease to the settled row, and tells the owner of new
 * damage. Failure ends in the row: `backup_damaged` when damage was found. Throws as `executeRun`.
 */
export async function runVerify(
  dependencies: RunVerifyDependencies,
  settings: VerifySettings,
  coverage: VerifyCoverage,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const row = await executeRun(run, (running) => verifyPoint(dependencies, settings, coverage, running), shutDown);
  await reportDamage(dependencies);
  return row;
}
