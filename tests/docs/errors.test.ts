import { deepStrictEqual, match } from "node:assert/strict";

import { testSources } from "./source_files.ts";

const root = new URL("../../", import.meta.url);
/** A code of zod's, for refinements of settings. It never leaves the reader of the configuration. */
const FOREIGN = ["custom"];

Deno.test("docs/ERRORS.md explains every code that the source can answer, and no other", async () => {
  const documented = (await rows()).map(([code]) => code);
  deepStrictEqual(documented.filter((code, index) => documented.indexOf(code) !== index), [], "explained twice");
  deepStrictEqual([...documented].sort(), [...await codesInSource()].sort());
});

Deno.test("every code is explained, and says what to do", async () => {
  for (const [code, meaning, remedy] of await rows()) {
    match(meaning, /^\S.{14,}\.$/, code);
    match(remedy, /^\S.{9,}\.$/, code);
  }
});

Deno.test("every code is asserted by a test", async () => {
  const asserted = new Set<string>();
  for await (const { text } of testSources(root)) {
    // The name of a test asserts nothing.
    for (const [word] of text.replace(/\b(?:test|step)\(\s*["`].*?["`]/g, "").matchAll(/[a-z0-9]+(?:_[a-z0-9]+)*/g)) {
      asserted.add(word);
    }
  }
  const codes = (await rows()).map(([code]) => code);
  deepStrictEqual(codes.filter((code) => !asserted.has(code)), []);
});

async function rows(): Promise<string[][]> {
  const text = await Deno.readTextFile(new URL("docs/ERRORS.md", root));
  return [...text.matchAll(/^\| `([a-z0-9_]+)` \| (.*) \| (.*) \|$/gm)].map((row) => row.slice(1));
}

async function codesInSource(): Promise<Set<string>> {
  const codes = new Set<string>();
  for (const folder of ["supabase/functions/", "supabase/migrations/", "cli/", "local/"]) {
    for await (const file of files(new URL(folder, root))) {
      const text = await Deno.readTextFile(file);
      for (const code of file.pathname.endsWith(".sql") ? inSql(text) : inTypeScript(text)) codes.add(code);
    }
  }
  for (const code of FOREIGN) codes.delete(code);
  return codes;
}

/**
 * Finds `code: "…"`, also as one of two values or as a type, codes of skipped files, and first words of ledger reasons.
 */
function inTypeScript(text: string): string[] {
  const values = [...text.matchAll(/\b(?:code|errorCode)\??: ([^,;\n]*)/g)].map(([, value]) => value);
  return [
    ...values.flatMap((value) => [...value.matchAll(/"([a-z][a-z0-9_]+)"/g)].map(([, code]) => code)),
    ...[...text.matchAll(/["`]([a-z]+(?:_[a-z]+)+): \$?[a-z{]|\bskip\(item, "([a-z_]+)"/g)].map(([, reason, skip]) =>
      reason ?? skip
    ),
  ];
}

/** Finds `error_code = '…'` and codes that are inserted right before their sentence. */
function inSql(text: string): string[] {
  return [...text.matchAll(/error_code = '([a-z_]+)'|'([a-z]+(?:_[a-z]+)+)', '[A-Z]/g)].map(([, set, inserted]) =>
    set ?? inserted
  );
}

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* files(new URL(`${entry.name}/`, folder));
    else if (/(?<!\.test)\.(ts|sql)$/.test(entry.name)) yield new URL(entry.name, folder);
  }
}
