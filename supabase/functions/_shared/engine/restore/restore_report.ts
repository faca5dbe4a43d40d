import type { TableComparison } from "./compare_tables.ts";
import type { Orphans } from "./find_orphans.ts";
import type { PlanEntry } from "./plan.ts";

/** What a restore did, proved by reading it back. Plain data. */
export interface RestoreReport {
  /** `success` only when everything came back and compared equal; otherwise `partial`, and `problems` says why. */
  readonly status: "success" | "partial";
  readonly planId: string;
  readonly project: string;
  readonly recoveryPoint: string;
  readonly database: DatabaseReport | null;
  readonly media: MediaReport | null;
  /** Everything that differs from the backup. */
  readonly problems: readonly PlanEntry[];
}

export interface DatabaseReport {
  readonly tables: readonly TableComparison[];
  readonly rows: number;
  readonly orphans: readonly Orphans[];
  /** Statements that the platform does not let the restoring role run. */
  readonly restricted: readonly PlanEntry[];
  /** Number of triggers, event triggers and cron jobs that `armRestore` will switch on. */
  readonly disarmed: number;
}

export interface MediaReport {
  readonly bucketsCreated: number;
  readonly uploaded: number;
  readonly unchanged: number;
  readonly kept: number;
  readonly bytesUploaded: number;
  readonly failed: readonly PlanEntry[];
}

/** The entries of a database report that are problems. */
export function databaseProblems(report: DatabaseReport): PlanEntry[] {
  return [
    ...report.tables.filter(({ equal }) => !equal).map(({ table, compared, expectedRows, foundRows }) => ({
      kind: "table",
      identity: table,
      reason: expectedRows === foundRows && compared === "digest"
        ? "Its rows are not those of the backup (the digest differs)."
        : `It has ${foundRows} rows; the backup has ${expectedRows}.`,
    })),
    ...report.orphans.map(({ constraint, table, rows }) => ({
      kind: "foreign key",
      identity: `${constraint} on ${table}`,
      reason: `${rows} ${rows === 1 ? "row points" : "rows point"} at rows that do not exist.`,
    })),
    ...report.restricted,
  ];
}
