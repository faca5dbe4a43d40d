import { deepStrictEqual } from "node:assert/strict";
import { sourcesUnder } from "./source_files.ts";

const root = new URL("../../", import.meta.url);

/** What changes a table of Lifeboat's. */
const CHANGE = /\b(?:insert\s+into|update|delete\s+from|truncate)\s+(?:only\s+)?(?:lifeboat\.\w+|public\.backup_\w+)/gi;
/** The record of `install` is there before any function is. */
const KNOWN: readonly string[] = [
  "supabase/functions/_shared/engine/install/apply_migrations.ts: insert into lifeboat.migrations",
];

/** Functions with state that only the database calls: by cron, a trigger, another function, or a person. */
const BY_THE_DATABASE: readonly string[] = [
  "abandon_run",
  "add_dump_holder",
  "call_function",
  "follow_settings",
  "lease_run",
  "log_run",
  "open_point",
  "refuse_change",
  "take_over_step",
  "unschedule",
  "verify_newest",
];

Deno.test("what changes Lifeboat's tables is a function of supabase/sql", async () => {
  const found: string[] = [];
  for await (const { path, text } of productSources()) {
    for (const [statement] of text.matchAll(CHANGE)) found.push(`${path}: ${statement}`);
  }
  deepStrictEqual(found, KNOWN);
});

Deno.test("each SQL function with state has one caller in TypeScript, or none but the database", async () => {
  const callers = new Map<string, Set<string>>();
  for (const { name, onlyReads } of await sqlFunctions()) if (!onlyReads) callers.set(name, new Set());
  for await (const { path, text } of productSources()) {
    for (const [, name] of text.matchAll(/\blifeboat\.(\w+)\(/g)) callers.get(name)?.add(path);
  }
  const several = [...callers].filter(([, paths]) => paths.size > 1).map(([name, paths]) => `${name}: ${[...paths]}`);
  deepStrictEqual(several, []);
  deepStrictEqual([...callers].filter(([, paths]) => paths.size === 0).map(([name]) => name).sort(), BY_THE_DATABASE);
});

async function* productSources(): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  for (const folder of ["supabase/functions/", "cli/", "src/"]) {
    for await (const file of sourcesUnder(folder, root)) {
      if (!file.path.endsWith(".test.ts")) yield file;
    }
  }
}

/** The function of each file of supabase/sql; views have none. */
async function sqlFunctions(): Promise<{ readonly name: string; readonly onlyReads: boolean }[]> {
  const found: { name: string; onlyReads: boolean }[] = [];
  for await (const subject of Deno.readDir(new URL("supabase/sql/", root))) {
    if (!subject.isDirectory) continue;
    for await (const file of Deno.readDir(new URL(`supabase/sql/${subject.name}/`, root))) {
      const text = await Deno.readTextFile(new URL(`supabase/sql/${subject.name}/${file.name}`, root));
      const made = /^create or replace function lifeboat\.(\w+)\(/m.exec(text);
      if (made) found.push({ name: made[1], onlyReads: /^language \w+ (stable|immutable)\b/m.test(text) });
    }
  }
  return found;
}
