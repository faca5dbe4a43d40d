import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { hasCode } from "../../engine/errors.ts";
import { decodeMetadata, encodeMetadata } from "./metadata.ts";

Deno.test("every value comes back as it was, by way of printable ASCII that a header keeps", () => {
  const awkward = fc.array(fc.constantFrom("%", "=?", "?=", "=", " ", "  ", "ü", "😀", "\n", "\u0000", "a", "%25", "+"))
    .map((a) => a.join(""));
  fc.assert(
    fc.property(fc.oneof(awkward, fc.string({ unit: "binary", maxLength: 60 })), (value) => {
      const encoded = encodeMetadata({ name: value }, "key");
      ok(/^[!-~]*( [!-~]+)*$/.test(encoded.name), encoded.name);
      ok(!encoded.name.includes("=?"));
      deepStrictEqual(decodeMetadata(encoded), { name: value });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("ordinary values are stored as they are, for other tools to read", () => {
  const plain = { note: "a+b = c, 'd' (e); f/g?h", empty: "" };
  deepStrictEqual(encodeMetadata(plain, "key"), plain);
  strictEqual(encodeMetadata({ name: "Zoë 100%" }, "key").name, "Zo%C3%AB 100%25");
});

Deno.test("what another program wrote is left as it is", () => {
  deepStrictEqual(decodeMetadata({ Note: "100% sure" }), { note: "100% sure" });
});

Deno.test("names that a header cannot carry, half characters and too much of it are refused", () => {
  for (const name of ["", "Upper", "with space", "ü", "a:b"]) {
    throws(() => encodeMetadata({ [name]: "x" }, "key"), (error) => hasCode(error, "metadata_invalid"), name);
  }
  throws(() => encodeMetadata({ a: "\ud800" }, "key"), (error) => hasCode(error, "metadata_invalid"));
  encodeMetadata({ a: "x".repeat(2047) }, "key");
  throws(() => encodeMetadata({ a: "x".repeat(2048) }, "key"), (error) => hasCode(error, "metadata_too_large"));
});
