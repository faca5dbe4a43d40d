import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { LeasedRun } from "./leased_run.ts";
import { RunConnection } from "./run_connection.ts";
import { runIdentity } from "./run_identity.ts";
import { RUN_TIMING, type RunTiming } from "./run_timing.ts";

export interface RunDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing?: RunTiming;
}

/** What every statement that gives a lease answers when the run is the caller's. */
export interface LeaseAnswer {
  readonly run?: BackupHistoryRow;
  readonly epoch?: string;
}

/** A run whose lease is the caller's, and what the database said of it. */
export interface Leased<Answer extends LeaseAnswer> {
  readonly run: LeasedRun;
  readonly answer: Answer;
}

/**
 * Sends a statement that takes a lease, `as answer`, and keeps its connection for the run. Undefined without a run in the
 * answer. `judge` sees the answer first and may throw. Throws `schema_outdated`, `not_installed`, and as the database does.
 */
export async function leaseRun<Answer extends LeaseAnswer>(
  { database, clock, timing = RUN_TIMING }: RunDependencies,
  statement: string,
  params: (leaseMs: number) => readonly unknown[],
  options: { readonly orNewer: boolean },
  judge: (answer: Answer) => void,
): Promise<Leased<Answer> | undefined> {
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  let run: LeasedRun | undefined;
  try {
    const [{ answer }] = await queryCurrentSchema<{ answer: Answer | null }>(
      connection,
      statement,
      params(timing.leaseMs),
      options,
    );
    if (!answer) return undefined;
    judge(answer);
    if (!answer.run || answer.epoch === undefined) return undefined;
    run = new LeasedRun(runIdentity(answer.run, answer.epoch, leasedAtMs), connection, clock, timing);
    return { run, answer };
  } finally {
    if (!run) await connection.close();
  }
}
