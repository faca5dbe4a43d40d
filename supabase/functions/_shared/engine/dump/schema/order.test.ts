import assert from "node:assert/strict";
import { groupsInOrder } from "./order.ts";

Deno.test("positions that are free of each other keep their order", () => {
  assert.deepEqual(groupsInOrder(3, []), [[0], [1], [2]]);
});

Deno.test("what is needed comes first, however late it stands in the list", () => {
  const order = groupsInOrder(4, [{ statement: 0, after: 3 }, { statement: 3, after: 2 }]);
  assert.deepEqual(order, [[2], [3], [0], [1]]);
});

Deno.test("a circle is one group, before those that need it", () => {
  const order = groupsInOrder(4, [
    { statement: 0, after: 2 },
    { statement: 1, after: 2 },
    { statement: 2, after: 3 },
    { statement: 3, after: 1 },
  ]);
  assert.deepEqual(order, [[1, 2, 3], [0]]);
});

Deno.test("a chain of 100,000 does not overflow the stack", () => {
  const count = 100_000;
  const edges = Array.from({ length: count - 1 }, (_, index) => ({ statement: index, after: index + 1 }));
  assert.deepEqual(groupsInOrder(count, edges).flat().slice(0, 3), [99_999, 99_998, 99_997]);
});
