import { deepStrictEqual, ok } from "node:assert/strict";
import { importsOf } from "../../scripts/import_graph.ts";

const SHARED = "supabase/functions/_shared/";
/** Files that a reader has to open at most. */
const LONGEST: Readonly<Record<string, number>> = {
  "From a request to the first row in S3": 16,
  "The copy of one object": 9,
  "The restore of one table": 20,
};
/** Files that `database-backup` loads with its first line; what an invocation may not need is loaded later. */
const MOST_LOADED = 130;

async function paths(): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(new URL("../../docs/ARCHITECTURE.md", import.meta.url));
  const part = text.slice(text.indexOf("<!-- paths -->"), text.indexOf("<!-- end of paths -->"));
  return new Map(
    [...part.matchAll(/\*\*(.+?)\*\*\n\n((?:\d+\. `.+`\n)+)/g)].map(([, name, list]) => [
      name,
      [...list.matchAll(/`(.+)`/g)].map(([, file]) => file.startsWith("supabase/") ? file : SHARED + file),
    ]),
  );
}

/** Every file that a file imports, types and dynamic imports included, and what those import. */
async function reachedFrom(start: string): Promise<Set<string>> {
  const reached = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...(await importsOf(file)).filter((imported) => imported.endsWith(".ts")));
  }
  return reached;
}

Deno.test("the paths of docs/ARCHITECTURE.md can be walked, and are no longer than they may be", async () => {
  const found = await paths();
  deepStrictEqual([...found.keys()], Object.keys(LONGEST));
  for (const [name, files] of found) {
    const reached = await reachedFrom(files[0]);
    deepStrictEqual(files.filter((file) => !reached.has(file)), [], name);
    ok(files.length <= LONGEST[name], `${name}: ${files.length} files`);
  }
});

/** Static imports of values: what is loaded at once. */
async function loadedWith(file: string, loaded: Set<string>): Promise<Set<string>> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const text = await Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
  for (const [, names, from] of text.matchAll(/^(?:import|export) (?!type )([^;]*?)from "(\.[^"]+)";/gm)) {
    const inBraces = /^\{([^}]*)\}\s*$/.exec(names)?.[1].split(",").map((name) => name.trim()).filter(Boolean);
    if (inBraces?.every((name) => name.startsWith("type "))) continue;
    await loadedWith(new URL(from, `file:///${file}`).pathname.slice(1), loaded);
  }
  return loaded;
}

Deno.test("database-backup loads no more than everybody's run uses", async () => {
  const { size } = await loadedWith("supabase/functions/database-backup/index.ts", new Set());
  ok(size > 50 && size <= MOST_LOADED, `${size} files`);
});
