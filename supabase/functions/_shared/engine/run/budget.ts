import type { Clock } from "../clock.ts";

/**
 * How much work one invocation may do. The platform does not tell a function what CPU it has used, so work is measured
 * in bytes and in time on the wall. Asked between units of work: whoever finds it spent writes a checkpoint and goes on
 * in a new invocation.
 */
export interface Budget {
  /** Bytes that one unit of work should hold at most, so that a budget is not overdrawn by much. */
  readonly unitBytes: number;
  spend(bytes: number): void;
  spent(): boolean;
}

export interface BudgetLimits {
  readonly bytes: number;
  /** From when the budget is made, in milliseconds. */
  readonly wallMs: number;
}

/** A unit is a small part of the budget. */
const UNITS = 8;

/** For hosts without limits of their own. */
export const unlimitedBudget: Budget = { unitBytes: Infinity, spend: () => {}, spent: () => false };

/** Spent when either limit is reached, or when the platform announces the end of the worker (`ending`). */
export function createBudget(limits: BudgetLimits, clock: Clock, ending?: AbortSignal): Budget {
  const endsAtMs = clock.now().getTime() + limits.wallMs;
  let bytes = 0;
  return {
    unitBytes: Math.ceil(limits.bytes / UNITS),
    spend: (more) => void (bytes += more),
    spent: () => bytes >= limits.bytes || ending?.aborted === true || clock.now().getTime() >= endsAtMs,
  };
}
