import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Semaphore } from "./semaphore.ts";

/** Lets everything happen that can happen now. */
const settle = () => setImmediate();

Deno.test("no more begins than there is capacity for, in the order of arrival", async () => {
  const semaphore = new Semaphore(10);
  const order: string[] = [];
  const acquire = async (name: string, weight: number) => {
    const release = await semaphore.acquire(weight);
    order.push(name);
    return release;
  };
  const first = acquire("six", 6);
  const second = acquire("five", 5);
  const third = acquire("one", 1);
  await settle();
  deepStrictEqual(order, ["six"]);
  (await first)();
  await settle();
  deepStrictEqual(order, ["six", "five", "one"]);
  (await second)();
  (await third)();
});

Deno.test("what is heavier than the capacity is alone", async () => {
  const semaphore = new Semaphore(10);
  const releaseSmall = await semaphore.acquire(1);
  let hasBegun = false;
  const heavy = semaphore.acquire(50).then((release) => (hasBegun = true, release));
  await settle();
  ok(!hasBegun);
  releaseSmall();
  const releaseHeavy = await heavy;
  let after = false;
  const next = semaphore.acquire(1).then((release) => (after = true, release));
  await settle();
  ok(!after);
  releaseHeavy();
  (await next)();
});

Deno.test("what gives up waiting lets the next begin, and releasing twice counts once", async () => {
  const semaphore = new Semaphore(2);
  const release = await semaphore.acquire(1);
  const stop = new AbortController();
  const reason = new Error("called off");
  const heavy = rejects(semaphore.acquire(2, stop.signal), (error) => error === reason);
  const behind = semaphore.acquire(1);
  stop.abort(reason);
  await heavy;
  const releaseBehind = await behind;
  release();
  release();
  const again = await semaphore.acquire(1);
  let over = false;
  const third = semaphore.acquire(1).then((release) => (over = true, release));
  await settle();
  strictEqual(over, false);
  again();
  releaseBehind();
  (await third)();
});

Deno.test("nothing begins for a signal that is aborted already", async () => {
  const reason = new Error("called off");
  await rejects(new Semaphore(1).acquire(1, AbortSignal.abort(reason)), (error) => error === reason);
});

Deno.test("work that fails gives its capacity back", async () => {
  const semaphore = new Semaphore(1);
  await rejects(semaphore.use(1, undefined, () => Promise.reject(new Error("no"))), /no/);
  strictEqual(await semaphore.use(1, undefined, () => Promise.resolve("next")), "next");
});

Deno.test("what weighs infinitely much has nothing beside it", async () => {
  const semaphore = new Semaphore(10);
  let beside = 0;
  const short = () =>
    semaphore.use(1, undefined, async () => {
      beside++;
      await settle();
      beside--;
    });
  const alone = () =>
    semaphore.use(Infinity, undefined, () => {
      strictEqual(beside, 0);
      return Promise.resolve();
    });
  await Promise.all([short(), short(), alone(), short()]);
});
