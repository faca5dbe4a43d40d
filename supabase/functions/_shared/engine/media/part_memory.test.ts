import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { PartMemory } from "./part_memory.ts";

Deno.test("no more bytes than the total are in use at once, and everyone gets a turn in order", async () => {
  const memory = new PartMemory(10);
  const order: number[] = [];
  let used = 0;
  let most = 0;
  await Promise.all([6, 6, 4, 100, 1].map((bytes, i) =>
    memory.use(bytes, false, async () => {
      order.push(i);
      used += Math.min(bytes, 10);
      most = Math.max(most, used);
      await setImmediate();
      used -= Math.min(bytes, 10);
    })
  ));
  deepStrictEqual(order, [0, 1, 2, 3, 4]);
  strictEqual(most, 10);
});

Deno.test("work that fails gives its bytes back", async () => {
  const memory = new PartMemory(1);
  await rejects(memory.use(1, false, () => Promise.reject(new Error("no"))), /no/);
  strictEqual(await memory.use(1, false, () => Promise.resolve("next")), "next");
});

Deno.test("what is to be alone has nothing beside it", async () => {
  const memory = new PartMemory(10);
  let beside = 0;
  const short = () =>
    memory.use(1, false, async () => {
      beside++;
      await setImmediate();
      beside--;
    });
  const alone = () =>
    memory.use(1, true, () => {
      strictEqual(beside, 0);
      return Promise.resolve();
    });
  await Promise.all([short(), short(), alone(), short()]);
});
