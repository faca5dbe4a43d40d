import type { BackupHistoryRow, RunKind } from "../../contract/mod.ts";
import { leaseAnswer } from "../../contract/run_answers.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { readAnswer } from "../sql_answer.ts";
import { LeasedRun, RUN_TIMING, runIdentity, type RunTiming } from "./leased_run.ts";
import { alreadyRunning, mediaQueued, unknownPoint } from "./run_errors.ts";
import { RunConnection } from "./run_connection.ts";

export interface RunDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly timing?: RunTiming;
}

/** A run whose lease the caller holds, together with what else was answered; undefined where `Read` is. */
export type Leased<Read> = Read extends Pick<Lease, "run" | "epoch"> ? { readonly run: LeasedRun; readonly lease: Read }
  : undefined;

/**
 * Calls a SQL function that gives a lease, and keeps the connection for the run. `read` makes the lease of its answer, or
 * throws why there is none; where it returns undefined, so does this. Throws `schema_outdated`, `not_installed`, as `read` and as the database does.
 */
export async function leaseRun<Read extends Pick<Lease, "run" | "epoch"> | undefined>(
  { database, clock, timing = RUN_TIMING }: RunDependencies,
  call: string,
  params: (leaseMs: number) => readonly unknown[],
  options: { readonly orNewer: boolean },
  read: (answer: unknown) => Read,
): Promise<Leased<Read>> {
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  let run: LeasedRun | undefined;
  try {
    const [row] = await queryCurrentSchema<{ answer: unknown }>(
      connection,
      `select ${call} as answer`,
      params(timing.leaseMs),
      options,
    );
    const lease = read(row.answer);
    if (lease) run = new LeasedRun(runIdentity(lease.run, lease.epoch, leasedAtMs), connection, clock, timing);
    return (run && { run, lease }) as Leased<Read>;
  } finally {
    if (!run) await connection.close();
  }
}

/** A run whose lease was taken. */
export interface Lease {
  readonly run: BackupHistoryRow;
  readonly epoch: string;
  /** Steps of the run whose worker the platform ended. */
  readonly lostSteps: number;
}

/**
 * Reads what the SQL function `name` answered that was asked for a lease. Throws `already_running`, `media_queued` or
 * `recovery_point_unknown` when it gave none, and `database_answer_invalid`.
 */
export function readLease(answer: unknown, kind: RunKind, name: string): Lease {
  const read = readAnswer(leaseAnswer, answer, name);
  if ("run" in read) return read;
  if ("running" in read) throw alreadyRunning(kind, read.running);
  throw "queued" in read ? mediaQueued(read.queued) : unknownPoint(read.unknownPoint);
}
