import type { BackupHistoryRow, VerifyDetails } from "../../contract/mod.ts";
import type { VerifyPosition } from "../../contract/verify_steps.ts";
import type { PointNotifier } from "../notify/point_notifier.ts";
import { type CopiesLimits, type CopiesReport, reconcileCopies } from "../copies/mod.ts";
import { reportDamage } from "../maintenance/report_damage.ts";
import { unlimitedBudget } from "../run/budget.ts";
import { afterHandOver } from "../run/hand_over.ts";
import type { Run } from "../run/run.ts";
import { executeRun, executeStep, type LeasedRun } from "../run/run_store.ts";
import type { VerifyCoverage } from "../verify/sampling.ts";
import {
  assertCanSucceed,
  beginVerify,
  type ClaimedVerify,
  handOver,
  readFound,
  type VerifyHost,
} from "../verify/verify_chain.ts";
import type { VerifyDependencies, VerifySettings } from "../verify/verify_context.ts";
import { verifyPoint, type VerifyStep } from "../verify/verify_point.ts";
import { WORK } from "../verify/work.ts";

export interface RunVerifyDependencies extends VerifyDependencies {
  readonly notifier: Pick<PointNotifier, "notifyDamaged">;
}

export interface RunVerifySettings extends VerifySettings {
  readonly copies: CopiesLimits;
}

/**
 * Runs a verify in this process alone, from the lease to the settled row, and reports new damage to the owner. First
 * compares Lifeboat's bookkeeping of stored files with the bucket's listing. A failure is written to the row, with
 * `backup_damaged` when damage was found. Throws as `executeRun`.
 */
export async function runVerify(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  coverage: VerifyCoverage,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  const row = await executeRun(run, async (running) => {
    const position = beginning(coverage, dependencies.random);
    const step = { position, budget: unlimitedBudget, earlier: () => Promise.resolve([]) };
    const end = await takeStep(dependencies, settings, step, running);
    if ("outcome" in end) return end.outcome;
    throw new Error("a verify without limits ended before its end");
  }, shutDown);
  await reportDamage(dependencies);
  return row;
}

/**
 * One invocation's part in a verify that begins here. Returns the settled row when the verify ended with it; undefined
 * when another invocation goes on. Otherwise as `runVerify`.
 */
export async function beginVerifyRun(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  coverage: VerifyCoverage,
  run: LeasedRun,
  host: VerifyHost,
): Promise<BackupHistoryRow | undefined> {
  const claim = () => beginVerify(run, beginning(coverage, dependencies.random));
  return await shareVerify(dependencies, settings, run, claim, host);
}

/** Goes on with a verify that earlier invocations began. Otherwise as `beginVerifyRun`. */
export async function continueVerifyRun(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  claimed: ClaimedVerify,
  host: VerifyHost,
): Promise<BackupHistoryRow | undefined> {
  return await shareVerify(dependencies, settings, claimed.run, () => Promise.resolve(claimed), host);
}

async function shareVerify(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  run: LeasedRun,
  claim: () => Promise<ClaimedVerify>,
  host: VerifyHost,
): Promise<BackupHistoryRow | undefined> {
  const row = await executeStep(run, async (running) => {
    const claimed = await claim();
    assertCanSucceed(claimed);
    const { position, lostSteps } = claimed;
    const step = { position, budget: host.budget(lostSteps), earlier: () => readFound(run) };
    const end = await takeStep(dependencies, settings, step, running);
    return "outcome" in end ? end.outcome : await handOver(claimed, end, host);
  }, afterHandOver(host.ending, dependencies.clock));
  if (row) await reportDamage(dependencies);
  return row;
}

function beginning({ coverage, samplePercent }: VerifyCoverage, random: () => number): VerifyPosition {
  return {
    coverage,
    ...samplePercent !== undefined && { samplePercent },
    seed: Math.floor(random() * 2 ** 32),
    phase: "copies",
    dump: null,
    files: null,
  };
}

async function takeStep(
  dependencies: RunVerifyDependencies,
  settings: RunVerifySettings,
  step: Omit<VerifyStep, "warnings">,
  run: Run,
) {
  if (step.position.phase !== "copies") {
    return await verifyPoint(dependencies, settings, { ...step, warnings: [] }, run);
  }
  run.report({ phase: "preparing" });
  const report = await reconcileCopies(dependencies, run.project, settings.copies, run.signal);
  const position: VerifyPosition = { ...step.position, phase: "dump" };
  // Where this has used the step up, the dump is begun by the next one, which does not begin with the comparison again.
  step.budget.spend(WORK.comparedCopy * report.compared);
  return await verifyPoint(dependencies, settings, { ...step, position, warnings: warningsOf(report) }, run);
}

function warningsOf({ rebuilt, forgotten, leftOut }: CopiesReport): VerifyDetails["warnings"] {
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
