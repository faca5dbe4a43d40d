import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Clock } from "./clock.ts";
import { growingDelayMs, retry } from "./retry.ts";

/** A clock whose sleeps pass at once and are remembered. */
function fastClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  const now = () => new Date(slept.reduce((sum, ms) => sum + ms, 0));
  return { slept, now, sleep: (ms) => (slept.push(ms), Promise.resolve()) };
}

// Where the tries do not end it, the time does: a defect must fail this file and not hang it.
const always = { tries: 3, totalMs: 60_000, mayPass: () => true, delayMs: growingDelayMs };
const fails = () => Promise.reject(new Error("no"));

Deno.test("what fails is done again after waits that grow, and the last failure is thrown", async () => {
  const clock = fastClock();
  const nths: number[] = [];
  await rejects(retry(clock, always, (nth) => (nths.push(nth), Promise.reject(new Error(`no ${nth}`)))), /no 3/);
  deepStrictEqual([nths, clock.slept], [[1, 2, 3], [500, 2_000]]);
});

Deno.test("a failure that cannot pass is thrown at once", async () => {
  const clock = fastClock();
  await rejects(retry(clock, { ...always, mayPass: () => false }, fails), /no/);
  deepStrictEqual(clock.slept, []);
});

Deno.test("no try begins after the time is used up", async () => {
  const clock = fastClock();
  await rejects(retry(clock, { ...always, totalMs: 1_000 }, fails), /no/);
  deepStrictEqual(clock.slept, [500]);
});

Deno.test("a try that succeeds ends it", async () => {
  strictEqual(await retry(fastClock(), always, (nth) => nth === 2 ? Promise.resolve("yes") : fails()), "yes");
});
