import { LifeboatError } from "../errors.ts";
import type { RestorePlan } from "./plan.ts";
import { restoreDatabase, type RestoreDatabaseOptions } from "./restore_database.ts";
import type { ReportProgress, RestoreDependencies } from "./restore_dependencies.ts";
import { restoreMedia } from "./restore_media.ts";
import { RestoreSteps } from "./restore_state.ts";
import { databaseProblems, type RestoreReport } from "./restore_report.ts";

/**
 * Applies a plan: the schema without foreign keys, rows, sequences, indexes and rights, foreign keys (which Postgres
 * checks as it makes them), then buckets and files. Then compares every table with the manifest. Triggers, webhooks and
 * jobs stay off until `armRestore`.
 *
 * All bytes to be used are verified before anything is written. A restore that was cut off continues when the call is
 * repeated, since each step and its mark are one transaction. A finished plan may be applied again; it only compares.
 *
 * Throws `restore_conflicts`, `target_changed`, `restore_running`, `backup_damaged`, `backup_changed`,
 * `restore_statement_failed`, `restore_rows_failed`, and what bucket, database and Storage throw.
 */
export async function applyRestore(
  dependencies: RestoreDependencies,
  plan: RestorePlan,
  report: ReportProgress = () => {},
  options: RestoreDatabaseOptions = {},
  signal?: AbortSignal,
): Promise<RestoreReport> {
  if (plan.conflicts.length > 0) throw conflicts(plan);
  const { project, recoveryPoint } = plan;
  const { database: databasePlan, media: mediaPlan } = plan;
  const database = databasePlan === null
    ? null
    : await restoreDatabase(dependencies, { ...plan, database: databasePlan }, options, report, signal);
  const media = mediaPlan === null
    ? null
    : await restoreMedia(dependencies, { ...plan, media: mediaPlan }, report, signal);
  const problems = [
    ...database === null ? [] : databaseProblems(database),
    ...media?.failed ?? [],
    ...plan.notRestored,
  ];
  const result: RestoreReport = {
    status: problems.length === 0 ? "success" : "partial",
    planId: plan.id,
    project,
    recoveryPoint,
    database,
    media,
    problems,
  };
  if (databasePlan !== null) await finish(dependencies, plan, result, signal);
  return result;
}

/** The last step: before it, the same command finds its plan and continues. */
async function finish(
  { database }: RestoreDependencies,
  plan: RestorePlan,
  report: RestoreReport,
  signal?: AbortSignal,
): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat restore" }, signal);
  try {
    await (await RestoreSteps.find(session, plan.id, signal)).finish(report, signal);
  } finally {
    await session.close();
  }
}

function conflicts(plan: RestorePlan): LifeboatError {
  const [{ kind, identity, reason }] = plan.conflicts;
  const more = plan.conflicts.length === 1 ? "" : ` (and ${plan.conflicts.length - 1} more)`;
  return new LifeboatError({
    code: "restore_conflicts",
    kind: "conflict",
    message: `The plan has conflicts, so nothing was done: ${kind} ${identity}: ${reason}${more}`,
    hint: "Resolve what the plan lists, or restore into an empty project, then plan again.",
    operation: "restore.apply",
  });
}
