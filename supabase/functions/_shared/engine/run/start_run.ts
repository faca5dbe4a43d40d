import type { BackupHistoryRow, RunKind } from "../../contract/mod.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { runIdentity } from "./run_identity.ts";
import { LeasedRun } from "./leased_run.ts";
import type { RunRequest } from "./run.ts";
import { RunConnection } from "./run_connection.ts";
import { alreadyRunning, unknownPoint } from "./run_errors.ts";
import { RUN_TIMING, type RunTiming } from "./run_timing.ts";
import { storableJson } from "./safe_text.ts";

export interface RunDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing?: RunTiming;
}

interface StartAnswer {
  readonly run?: BackupHistoryRow;
  readonly epoch?: string;
  readonly running?: string;
  readonly unknownPoint?: string;
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
  let answer: StartAnswer;
  try {
    [{ answer }] = await queryCurrentSchema<{ answer: StartAnswer }>(
      connection,
      "select lifeboat.start_run($1, $2) as answer",
      [storableJson(request), timing.leaseMs],
    );
    if (answer.running !== undefined) throw alreadyRunning(request.kind, answer.running);
    if (answer.unknownPoint !== undefined) throw unknownPoint(answer.unknownPoint);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const { run, epoch } = answer as Required<StartAnswer>;
  return new LeasedRun(runIdentity(run, epoch, leasedAtMs), connection, clock, timing);
}
