import type { BackupHistoryRow, VerifyDetails } from "../../contract/mod.ts";
import type { PointNotifier } from "../notify/point_notifier.ts";
import { type CopiesLimits, type CopiesReport, reconcileCopies } from "../copies/mod.ts";
import { reportDamage } from "../maintenance/mod.ts";
import { executeRun, type LeasedRun } from "../run/run_store.ts";
import type { VerifyCoverage } from "../verify/sampling.ts";
import type { VerifyDependencies, VerifySettings } from "../verify/verify_context.ts";
import { verifyPoint } from "../verify/verify_point.ts";

export interface RunVerifyDependencies extends VerifyDependencies {
  readonly notifier: Pick<PointNotifier, "notifyDamaged">;
}

export interface RunVerifySettings extends VerifySettings {
  readonly copies: CopiesLimits;
}

/**
 * Runs a verify from the lease to the settled row, and reports new damage to the owner. First compares Lifeboat's
 * bookkeeping of stored files with the bucket's listing. A failure ends in the row, with `backup_damaged` when damage
 * was found. Throws as `executeRun`.
 */
export async function runVerify(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  coverage: VerifyCoverage,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const row = await executeRun(run, async (running) => {
    const copies = await reconcileCopies(dependencies, running.project, settings.copies, running.signal);
    const outcome = await verifyPoint(dependencies, settings, coverage, running);
    const details = outcome.details as VerifyDetails;
    return { ...outcome, details: { ...details, warnings: [...details.warnings, ...told(copies)] } };
  }, shutDown);
  await reportDamage(dependencies);
  return row;
}

function told({ rebuilt, forgotten, leftOut }: CopiesReport): string[] {
  return [
    ...rebuilt > 0
      ? [`The bookkeeping of stored files was lost and is rebuilt from the bucket: ${rebuilt} files.`]
      : [],
    ...forgotten > 0
      ? [
        `${forgotten} files that counted as stored are not in the bucket as they were; the next media run stores them anew.`,
      ]
      : [],
    ...leftOut === "too many"
      ? ["Too many files to compare the bookkeeping with the bucket's listing here: verify on the command line does."]
      : leftOut === "another destination"
      ? ["The bookkeeping of stored files speaks of another bucket or prefix, so it was not compared with this one."]
      : [],
  ];
}
