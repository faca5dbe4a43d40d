import { hostSlowness } from "../adapters/node/host_slowness.ts";
import type { Clock } from "../engine/clock.ts";
import { type Budget, type BudgetLimits, createBudget } from "../engine/run/budget.ts";

/**
 * A process gets requests until it has used 1 s of CPU, and dies at 2 s: what comes after its share is kept small, until
 * the platform has noticed. https://github.com/supabase/edge-runtime (supervisor, CPU soft limit)
 */
const AFTER_SHARE = 1 / 2;
/** A step with fewer bytes than this would cost more for its start than for its work. */
const LEAST_SHARE = 1 / 64;

/** This process has used so much of the share that a process gets; 1 is all of it. */
let spentHere = 0;

/**
 * A budget of which this process keeps account. `limits.bytes` is the share of a whole process on the machine that
 * docs/PERFORMANCE.md names; on a slower or busier one it is smaller by as much, and each of `lostSteps`, which the
 * platform ended, halves it.
 */
export function createProcessBudget(
  limits: BudgetLimits,
  clock: Clock,
  ending: AbortSignal | undefined,
  lostSteps: number,
): Budget {
  const whole = limits.bytes * Math.max(LEAST_SHARE, 2 ** -lostSteps / hostSlowness());
  // A call to a process that has not used up its share gets a whole share, so that a small project takes one call. Twice the
  // share is below 1.5 s of CPU.
  const bytes = Math.ceil(spentHere < 1 ? whole : whole * AFTER_SHARE);
  const budget = createBudget({ ...limits, bytes }, clock, ending);
  return {
    ...budget,
    spend(more) {
      spentHere += more / whole;
      budget.spend(more);
    },
  };
}
