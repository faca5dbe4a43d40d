import type { BackupHistoryRow, RunKind } from "../../contract/mod.ts";
import { leaseAnswer } from "../../contract/run_answers.ts";
import { readAnswer } from "../sql_answer.ts";
import { alreadyRunning, mediaQueued, unknownPoint } from "./run_errors.ts";

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
