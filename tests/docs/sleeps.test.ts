import { deepStrictEqual } from "node:assert/strict";
import { testSources } from "./source_files.ts";

/** Where a time may be named, and why. */
const allowed: Readonly<Record<string, string>> = {
  "tests/support/eventually.ts": "asks for a condition again and again",
  "tests/support/lasting.ts": "times that are themselves the case",
  "tests/stack/functions/greedy/index.ts": "a function that takes too much time is what its limits are tested with",
};

/**
 * A test that sleeps is red on a busy machine or proves nothing on a fast one: it asks for the condition instead
 * (tests/support/eventually.ts; pg_stat_activity and pg_locks; what a proxy has seen).
 */
Deno.test("no test waits by the clock for what can be asked", async () => {
  const found = new Set<string>();
  for await (const { path, text } of testSources(new URL("../../", import.meta.url))) {
    if (/\bsetTimeout\(|\bsetInterval\(|\bsleep\([\dA-Z]/.test(text.replace(/`[^`]*`/g, ""))) found.add(path);
  }
  deepStrictEqual([...found].sort(), Object.keys(allowed).sort());
});
