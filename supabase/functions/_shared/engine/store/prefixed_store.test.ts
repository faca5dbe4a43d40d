import { strictEqual, throws } from "node:assert/strict";
import { hasCode } from "../errors.ts";
import { validPrefix } from "./prefixed_store.ts";

// That keys get the prefix and lose it again is covered by the conformance scenarios of the decorated store.

Deno.test("a prefix is a folder, however its slashes are written", () => {
  for (const text of ["a/b", "/a/b", "a/b/", "//a/b//"]) strictEqual(validPrefix(text), "a/b/");
  for (const text of ["", "/"]) strictEqual(validPrefix(text), "");
});

Deno.test("a prefix that would change on its way or leave no room is refused", () => {
  for (const text of ["..", "a//b", "a/./b", "a\nb", "x".repeat(100)]) {
    throws(() => validPrefix(text), (error) => hasCode(error, "prefix_invalid"), text);
  }
  strictEqual(validPrefix("x".repeat(99)).length, 100);
});
