import { LifeboatError } from "../errors.ts";
import type { SchemaStatement } from "../format/schema_statement.ts";
import type { PlanEntry } from "./plan.ts";
import { readSchema } from "../points/read_schema.ts";
import { openPoint } from "../points/open_point.ts";
import type { ReportProgress, RestoreDependencies } from "./restore_dependencies.ts";
import { lockTarget, readRestores, type RememberedRestore, RestoreSteps } from "./restore_state.ts";
import { restrictedIn, runStatements } from "./run_statements.ts";
import { sessionSettings } from "./select_statements.ts";
import { formatNames, prepareSession } from "./target.ts";
import { plannedStatements, plannedTables } from "./work.ts";

export interface ArmReport {
  readonly project: string;
  readonly recoveryPoint: string;
  /** Number of triggers, event triggers and cron jobs that are now on. */
  readonly armed: number;
  readonly restricted: readonly PlanEntry[];
}

/**
 * Switches on the triggers, webhooks, event triggers and cron jobs of the newest finished restore of this target. May
 * be repeated, and continues where it was cut off.
 *
 * Throws `restore_missing`, `restore_unfinished`, `restore_statement_failed`, and what bucket and database throw.
 */
export async function armRestore(
  dependencies: Omit<RestoreDependencies, "storage">,
  report: ReportProgress = () => {},
  signal?: AbortSignal,
): Promise<ArmReport> {
  const session = await dependencies.database.connect({ applicationName: "lifeboat arm" }, signal);
  try {
    await prepareSession(session, signal);
    await lockTarget(session, signal);
    const { plan } = finishedRestore(await readRestores(session, signal));
    const { project, recoveryPoint, request } = plan;
    const point = await openPoint(dependencies, { project, point: recoveryPoint }, signal);
    const schema = await readSchema(dependencies, point, signal);
    const created = plan.database === null
      ? []
      : plannedTables(plan.database, point).filter(({ planned }) => planned.action === "create");
    const names = request.tables === undefined
      ? []
      : await formatNames(session, created.map(({ table }) => table), signal);
    const statements = plannedStatements(schema, "activation", request, names);
    const steps = await RestoreSteps.find(session, plan.id, signal);
    for (const sql of sessionSettings(schema.statements)) await session.query(sql, undefined, signal);
    await runStatements(session, steps, "activation", statements, (done) => {
      report({ phase: "activation", tablesDone: done, tablesTotal: statements.length });
    }, signal);
    await steps.armed(signal);
    const restricted = restrictedIn(steps);
    const isLeftOut = ({ kind, identity }: SchemaStatement) =>
      restricted.some((entry) => entry.kind === kind && entry.identity === identity);
    const armed = statements.filter((statement) => !isLeftOut(statement)).length;
    return { project, recoveryPoint, armed, restricted };
  } finally {
    await session.close();
  }
}

function finishedRestore(restores: readonly RememberedRestore[]): RememberedRestore {
  const [newest] = restores;
  if (!newest) {
    throw new LifeboatError({
      code: "restore_missing",
      kind: "missing",
      message: "Nothing was restored into this database.",
      hint: "Check that the target's database URL is the one that was restored into.",
      operation: "restore.arm",
    });
  }
  if (newest.finishedAt !== null) return newest;
  throw new LifeboatError({
    code: "restore_unfinished",
    kind: "conflict",
    message: `The restore of ${newest.plan.recoveryPoint} that began at ${newest.startedAt} is not finished.`,
    hint: "Run the same restore again, which completes it, then arm.",
    operation: "restore.arm",
  });
}
