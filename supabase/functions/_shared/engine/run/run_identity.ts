import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { RunIdentity } from "./leased_run.ts";

/** What a run is, from the row that the database answered with the lease. `leasedAtMs` as in `RunIdentity`. */
export function runIdentity(row: BackupHistoryRow, epoch: string, leasedAtMs: number): RunIdentity {
  return {
    id: row.id,
    kind: row.kind,
    project: row.project,
    recoveryPoint: row.recovery_point,
    startedAt: new Date(row.started_at),
    epoch,
    leasedAtMs,
  };
}
