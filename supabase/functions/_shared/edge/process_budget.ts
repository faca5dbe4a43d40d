import type { Clock } from "../engine/clock.ts";
import { type Budget, type BudgetLimits, createBudget } from "../engine/run/budget.ts";

/**
 * A process gets requests until it has used 1 s of CPU, and dies at 2 s: what comes after its share is kept small, until
 * the platform has noticed. https://github.com/supabase/edge-runtime (supervisor, CPU soft limit)
 */
const AFTER_SHARE = 1 / 4;

let spentHere = 0;

/** A budget of which this process keeps account. `limits.bytes` is the share of the whole process. */
export function createProcessBudget(limits: BudgetLimits, clock: Clock, ending?: AbortSignal): Budget {
  // Who has not used all of it gets a whole one: twice the share is below 1.5 s, and a small project is one call.
  const bytes = spentHere < limits.bytes ? limits.bytes : Math.ceil(limits.bytes * AFTER_SHARE);
  const budget = createBudget({ ...limits, bytes }, clock, ending);
  return {
    ...budget,
    spend(more) {
      spentHere += more;
      budget.spend(more);
    },
  };
}
