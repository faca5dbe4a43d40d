import type { RunKind } from "../../contract/mod.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { runIdentity } from "./run_identity.ts";
import { LeasedRun } from "./leased_run.ts";
import type { RunRequest } from "./run.ts";
import { RunConnection } from "./run_connection.ts";
import { readLease } from "./read_lease.ts";
import { RUN_TIMING, type RunTiming } from "./run_timing.ts";
import { storableJson } from "./safe_text.ts";

export interface RunDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing?: RunTiming;
}

/** What `startRun` can be asked for: a media run begins by `beginMediaRun`, which also takes up one that died. */
export type StartRequest = RunRequest & { readonly kind: Exclude<RunKind, "media"> };

/**
 * Takes the lease of the kind, opens or joins the recovery point, and records the run. A dead holder of the lease is
 * closed as `run_abandoned`. The lease is kept from when `executeRun` is called; do so at once.
 *
 * Throws `already_running` (its `subject` is the id of the run at work), `recovery_point_unknown`,
 * `schema_outdated`, `not_installed`, and as the database does. Not to be repeated blindly: a lost answer may have started a run, which then counts as abandoned.
 */
export async function startRun(dependencies: RunDependencies, request: StartRequest): Promise<LeasedRun> {
  const { database, clock, timing = RUN_TIMING } = dependencies;
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  try {
    const [row] = await queryCurrentSchema<{ answer: unknown }>(
      connection,
      "select lifeboat.start_run($1, $2) as answer",
      [storableJson(request), timing.leaseMs],
    );
    const { run, epoch } = readLease(row.answer, request.kind, "start_run");
    return new LeasedRun(runIdentity(run, epoch, leasedAtMs), connection, clock, timing);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
