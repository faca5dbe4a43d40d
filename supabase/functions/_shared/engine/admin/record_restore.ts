import type { RunProgress } from "../../contract/mod.ts";
import { asLifeboatError, hasCode, type LifeboatError } from "../errors.ts";
import type { RestorePlan, RestoreReport } from "../restore/mod.ts";
import type { RunOutcome } from "../run/run.ts";
import { executeRun, type LeasedRun, type RunDependencies, startRun } from "../run/run_store.ts";

/** Greatest number of problems in `details` of a restore; the output of the command names all of them. */
const MOST_PROBLEMS = 1_000;

/**
 * Restores, and records that as a run of kind `restore` in the history of the project whose backup it is. The restore
 * comes first: it goes on when the history cannot be reached, and `whenUnrecorded` gets the reason why the entry or its
 * end is missing. It stops when its run is cancelled. Throws as `restore` does.
 */
export async function recordRestore(
  dependencies: RunDependencies,
  plan: RestorePlan,
  restore: (report: (progress: RunProgress) => void, signal: AbortSignal) => Promise<RestoreReport>,
  whenUnrecorded: (reason: LifeboatError) => void,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const run = await begin(dependencies, plan, whenUnrecorded);
  if (!run) return await restore(() => {}, signal);
  const cancelled = new AbortController();
  run.signal.addEventListener("abort", () => {
    if (hasCode(run.signal.reason, "run_cancelled")) cancelled.abort(run.signal.reason);
  });
  const work = restore((progress) => run.report(progress), AbortSignal.any([signal, cancelled.signal]));
  const recorded = executeRun(run, async () => restoreOutcome(plan, await work))
    .then((row) => {
      const isLost = row.error_code === "lease_lost" || row.error_code === "run_taken_over";
      return isLost ? asLifeboatError(run.signal.reason, "restore.record") : undefined;
    }, (error) => asLifeboatError(error, "restore.record"));
  try {
    return await work;
  } finally {
    const reason = await recorded;
    if (reason) whenUnrecorded(reason);
  }
}

async function begin(
  dependencies: RunDependencies,
  { project, recoveryPoint }: RestorePlan,
  whenUnrecorded: (reason: LifeboatError) => void,
): Promise<LeasedRun | undefined> {
  try {
    return await startRun(dependencies, { kind: "restore", project, trigger: "manual", recoveryPoint });
  } catch (error) {
    whenUnrecorded(asLifeboatError(error, "restore.record"));
    return undefined;
  }
}

function restoreOutcome(plan: RestorePlan, { status, database, media, problems }: RestoreReport): RunOutcome {
  return {
    status,
    ...database && { tables: database.tables.length, rows: database.rows },
    ...media && { files: media.uploaded + media.unchanged },
    ...problems.length > 0 && {
      errorCode: "restore_incomplete",
      errorMessage: `${problems.length} ${problems.length === 1 ? "thing is" : "things are"} not as in the backup, ` +
        `first: ${problems[0].kind} ${problems[0].identity}: ${problems[0].reason}`,
      errorHint: "The details of the run name each of them.",
    },
    details: {
      restoredRecoveryPoint: plan.recoveryPoint,
      request: plan.request,
      target: plan.database && {
        database: plan.database.target.database,
        role: plan.database.target.role,
        serverVersion: plan.database.target.serverVersion,
      },
      disarmed: database?.disarmed ?? 0,
      problems: problems.slice(0, MOST_PROBLEMS),
      warnings: plan.warnings,
    },
  };
}
