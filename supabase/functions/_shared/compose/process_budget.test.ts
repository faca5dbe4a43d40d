import { ok, strictEqual } from "node:assert/strict";
import { hostSlowness } from "../adapters/node/host_slowness.ts";
import { systemClock } from "../engine/clock.ts";
import { createProcessBudget } from "./process_budget.ts";

const LIMITS = { bytes: 64 * 1024 * 1024, wallMs: 60_000 };
/** Two measurements on a machine under load differ by as much. */
const unitBytes = (lostSteps: number) =>
  Math.max(...[1, 2, 3].map(() => createProcessBudget(LIMITS, systemClock, undefined, lostSteps).unitBytes));

Deno.test("a host is never faster than the one that the figures are from", () => {
  ok(hostSlowness() >= 1);
});

Deno.test("each lost step halves the next, down to a least one", () => {
  const [whole, half, least, beyond] = [0, 1, 6, 20].map(unitBytes);
  ok(whole <= LIMITS.bytes / 8);
  ok(half <= LIMITS.bytes / 16, `${half} of ${whole}`);
  strictEqual(least, beyond);
  strictEqual(least, LIMITS.bytes / 8 / 64);
});

Deno.test("a process that has used its share gets half of one, and a platform that ends it none", () => {
  const ending = new AbortController();
  const budget = createProcessBudget(LIMITS, systemClock, ending.signal, 0);
  const before = unitBytes(6);
  strictEqual(budget.spent(), false);
  budget.spend(LIMITS.bytes);
  strictEqual(budget.spent(), true);
  strictEqual(unitBytes(6), before / 2);
  const other = createProcessBudget(LIMITS, systemClock, ending.signal, 0);
  strictEqual(other.spent(), false);
  ending.abort(new Error("cpu"));
  strictEqual(other.spent(), true);
});
