/** How often a run speaks to the database, in milliseconds. Tests shorten it. */
export interface RunTiming {
  /** A run that was not heard of for so long may be taken over. */
  readonly leaseMs: number;
  /** Five beats may fail before the lease is gone. */
  readonly heartbeatMs: number;
  /** Least time between two writes of progress; the page polls at about this pace. */
  readonly progressMs: number;
  /** How long one statement may take before the connection counts as dead. */
  readonly answerMs: number;
  /** How long the end of a run is tried to be written. Longer would outlive a hosted worker. */
  readonly settleMs: number;
}

export const RUN_TIMING: RunTiming = {
  leaseMs: 60_000,
  heartbeatMs: 10_000,
  progressMs: 2_000,
  answerMs: 10_000,
  settleMs: 45_000,
};
