import { ok, strictEqual } from "node:assert/strict";
import { functionMemory } from "../../bench/function_memory.ts";

Deno.test("a table of 2 GB leaves the function below 200 MB, and a larger one takes no more", async () => {
  const small = await functionMemory(0.5);
  const large = await functionMemory(2);
  strictEqual(large.status, "success");
  ok(Number(large.peakMegabytes) < 200, `${large.peakMegabytes} MB`);
  ok(Number(large.peakMegabytes) < Number(small.peakMegabytes) * 1.15, "memory grows with the table");
});
