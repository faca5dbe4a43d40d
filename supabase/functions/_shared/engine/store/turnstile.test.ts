import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Turnstile } from "./turnstile.ts";

/** Lets everything happen that can happen now. */
const settle = () => setImmediate();

Deno.test("no more is let in than there is room, in the order of arrival", async () => {
  const turnstile = new Turnstile(10);
  const order: string[] = [];
  const enter = async (name: string, weight: number) => {
    const leave = await turnstile.enter(weight);
    order.push(name);
    return leave;
  };
  const first = enter("six", 6);
  const second = enter("five", 5);
  const third = enter("one", 1);
  await settle();
  deepStrictEqual(order, ["six"]);
  (await first)();
  await settle();
  deepStrictEqual(order, ["six", "five", "one"]);
  (await second)();
  (await third)();
});

Deno.test("what is heavier than the room goes in alone", async () => {
  const turnstile = new Turnstile(10);
  const leaveSmall = await turnstile.enter(1);
  let isIn = false;
  const heavy = turnstile.enter(50).then((leave) => (isIn = true, leave));
  await settle();
  ok(!isIn);
  leaveSmall();
  const leaveHeavy = await heavy;
  let after = false;
  const next = turnstile.enter(1).then((leave) => (after = true, leave));
  await settle();
  ok(!after);
  leaveHeavy();
  (await next)();
});

Deno.test("who gives up waiting makes way, and leaving twice gives room once", async () => {
  const turnstile = new Turnstile(2);
  const leave = await turnstile.enter(1);
  const stop = new AbortController();
  const reason = new Error("called off");
  const heavy = rejects(turnstile.enter(2, stop.signal), (error) => error === reason);
  const behind = turnstile.enter(1);
  stop.abort(reason);
  await heavy;
  const leaveBehind = await behind;
  leave();
  leave();
  const again = await turnstile.enter(1);
  let over = false;
  const third = turnstile.enter(1).then((leave) => (over = true, leave));
  await settle();
  strictEqual(over, false);
  again();
  leaveBehind();
  (await third)();
});

Deno.test("a signal that is aborted already lets nobody in", async () => {
  const reason = new Error("called off");
  await rejects(new Turnstile(1).enter(1, AbortSignal.abort(reason)), (error) => error === reason);
});
