import { LifeboatError } from "../errors.ts";
import type { PlanEntry, RestorePlan, RestoreReport } from "../restore/mod.ts";

/** Sorts what was not restored: by the backup's fault (`missing`) or the scratch database's nature (`expected`). */
export function sortProblems(plan: RestorePlan, { database }: RestoreReport) {
  const isInBackup = ({ reason }: PlanEntry) => !reason.startsWith("Not in the backup:");
  const orphans = (database?.orphans ?? []).map(({ constraint, table, rows }) => ({
    kind: "foreign key",
    identity: `${constraint} on ${table}`,
    reason: `${rows} rows point at rows that do not exist.`,
  }));
  return {
    missing: [...plan.notRestored.filter(isInBackup), ...orphans],
    // A scratch database is no project and lacks what only the platform has.
    expected: [...plan.notRestored.filter((entry) => !isInBackup(entry)), ...database?.restricted ?? []],
  };
}

/** Throws `drill_incomplete` when something other than a table is missing; tables that differ are reported one by one. */
export function assertNothingMissing(problems: readonly PlanEntry[]): Promise<void> {
  if (problems.length === 0) return Promise.resolve();
  const [{ kind, identity, reason }] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return Promise.reject(
    new LifeboatError({
      code: "drill_incomplete",
      kind: "permanent",
      message: `${kind} ${identity}: ${reason}${more}`,
      hint: "Restore this recovery point by hand into an empty database and look at its report.",
      operation: "drill.restore",
    }),
  );
}
