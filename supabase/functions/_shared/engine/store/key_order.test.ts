import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareKeys } from "./key_order.ts";

Deno.test("keys are compared as their UTF-8 bytes are", () => {
  const text = fc.string({ unit: "binary", maxLength: 6 });
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(text, text, text, (start, one, other) => {
      const expected = compareBytes(encoder.encode(start + one), encoder.encode(start + other));
      strictEqual(Math.sign(compareKeys(start + one, start + other)), expected);
    }),
    { numRuns: 2000 },
  );
  strictEqual(Math.sign(compareKeys("\uff5e", "😀")), -1);
});

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    if (one[index] !== other[index]) return Math.sign(one[index] - other[index]);
  }
  return Math.sign(one.length - other.length);
}
