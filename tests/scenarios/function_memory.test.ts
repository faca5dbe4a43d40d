import { ok, strictEqual } from "node:assert/strict";
import { functionMemory } from "../../bench/function_memory.ts";
import { versitygwIsMissing } from "../support/versitygw.ts";

const missing = await versitygwIsMissing();
const NAME = "a table many times the size of a member leaves the function below 200 MB";
Deno.test({
  name: missing ? `${NAME}: ${missing}` : NAME,
  ignore: missing !== undefined,
  fn: async () => {
    const figures = await functionMemory(0.25);
    strictEqual(figures.status, "success");
    ok(Number(figures.jsonMebibytes) > 250);
    ok(Number(figures.peakMegabytes) < 200, `${figures.peakMegabytes} MB`);
  },
});
