import type { Clock } from "./clock.ts";

export interface RetryRules {
  /** How often the work is done in all. Default: as often as `totalMs` allows. */
  readonly tries?: number;
  /** Whether the work may succeed after this failure. */
  readonly mayPass: (error: unknown) => boolean;
  /** How long to wait after so many failures (from 1), in milliseconds. */
  readonly delayMs: (failures: number, error: unknown) => number;
  /** No try begins later than this after the first, in milliseconds. Default: no limit. */
  readonly totalMs?: number;
}

/**
 * Does the work again while its failures may pass; `work` gets the number of the try, from 1. When the tries or the time are
 * used up, the last failure is thrown as it is. Throws the signal's reason when that is aborted during a wait.
 */
export async function retry<Result>(
  clock: Clock,
  { tries = Infinity, mayPass, delayMs, totalMs = Infinity }: RetryRules,
  work: (nth: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const deadline = clock.now().getTime() + totalMs;
  for (let nth = 1;; nth++) {
    try {
      return await work(nth);
    } catch (error) {
      if (nth >= tries || !mayPass(error)) throw error;
      const waitMs = delayMs(nth, error);
      if (clock.now().getTime() + waitMs > deadline) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** 500 ms, 2 s, 8 s: an overloaded server takes some time until it answers rightly. */
export function growingDelayMs(failures: number): number {
  return 500 * 4 ** (failures - 1);
}
