import type { Budget } from "../run/budget.ts";

/** What the next invocation has to know; everything else lies in the database. */
export interface DumpStepRequest {
  readonly runId: string;
  /** The epoch that the run has now: whoever comes second finds another. */
  readonly epoch: string;
  /** Name of an exported snapshot that somebody holds. */
  readonly snapshotId: string;
}

export interface DumpStepStarter {
  /**
   * Starts an invocation and resolves once it holds the snapshot and the run. Throws `step_taken` when another has taken
   * the step, what that invocation refused with (`snapshot_lost`, `lock_timeout`), and `step_not_started` (transient).
   * May be repeated.
   */
  startDumpStep(request: DumpStepRequest, signal?: AbortSignal): Promise<void>;
}

/** What a host with limits gives, so that a dump goes on in another invocation when they are near. */
export interface ChainHost {
  readonly starter: DumpStepStarter;
  /** Id of this process: two sessions in the same one die together. */
  readonly worker: string;
  /** A new budget for each invocation. Each of the run's steps whose worker the platform ended halves it. */
  budget(lostSteps: number): Budget;
  /** How often a holder looks at the run, in milliseconds. */
  readonly pollMs: number;
  /** A writer that was not heard of for so long counts as dead. */
  readonly silentMs: number;
  /** Longest that an invocation holds the snapshot after it handed it on: the platform ends it soon after. */
  readonly holdMs: number;
  /** Aborted when the platform is about to end this process. */
  readonly ending?: AbortSignal;
}
