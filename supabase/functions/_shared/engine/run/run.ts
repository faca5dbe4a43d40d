import type { RunKind, RunProgress } from "../../contract/mod.ts";

// SQL functions are given both as JSON.
export type { RunOutcome, RunRequest } from "../../contract/run_answers.ts";

/**
 * A run that holds its lease. One run of a kind at a time: the lease lives in Postgres, is kept by a heartbeat on a
 * connection of its own, and carries an epoch, so that a run that was taken over cannot write again.
 */
export interface Run {
  readonly id: string;
  readonly kind: RunKind;
  readonly project: string;
  readonly recoveryPoint: string;
  readonly startedAt: Date;
  /** Grows with each holder of the lease of this kind. */
  readonly epoch: string;
  /** Aborted with `run_cancelled` when an admin cancels, with `run_taken_over` when the lease is lost. */
  readonly signal: AbortSignal;
  /** Notes progress. Cheap: written with the next heartbeat. */
  report(progress: RunProgress): void;
  /** Asks the database whether the lease is still ours, right before an effect that others can see. Throws `run_taken_over` or `run_cancelled`. */
  confirm(): Promise<void>;
  /**
   * Remembers what has to be cleaned up if this run dies now, for example an open multipart upload. Written before it
   * returns. `undefined` forgets it. Throws `run_taken_over`: then nobody knows of it but the caller.
   */
  remember(cleanup: RunCleanup | undefined): Promise<void>;
}

/** Left in the run's row so that `backup-maintenance` can give the parts of a dead run's upload back. */
export interface RunCleanup {
  readonly uploadKey: string;
  readonly uploadId: string;
}
