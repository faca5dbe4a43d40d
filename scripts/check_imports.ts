// Imports point one way: hosts → compose → adapters → engine; the page → contract. See docs/ARCHITECTURE.md.
import process from "node:process";

const root = new URL("../", import.meta.url);
const shared = "supabase/functions/_shared/";

/** What the files in a folder may import; the most specific folder comes first. `npm` means any package. */
const rules: readonly (readonly [folder: string, allowed: readonly string[]])[] = [
  [`${shared}contract/`, [`${shared}contract/`, "zod"]],
  // These operations must not import each other; `backup`, `admin` and `drill` combine them.
  ...["dump", "media", "verify", "restore", "retention", "notify"].map((operation) =>
    [`${shared}engine/${operation}/`, [
      `${shared}engine/${operation}/`,
      ...["catalogue", "format", "points", "store", "run"].map((part) => `${shared}engine/${part}/`),
      `${shared}engine/*`,
      `${shared}contract/`,
    ]] as const
  ),
  [`${shared}engine/format/`, [`${shared}engine/format/`, `${shared}engine/*`, `${shared}contract/`]],
  [`${shared}engine/`, [`${shared}engine/`, `${shared}contract/`]],
  [`${shared}adapters/`, [`${shared}adapters/`, `${shared}engine/`, `${shared}contract/`, "npm"]],
  [`${shared}config`, [`${shared}config`, `${shared}engine/`, "npm"]],
  [`${shared}http/`, [`${shared}http/`, `${shared}config`, `${shared}engine/`, `${shared}contract/`, "npm"]],
  [`${shared}generated/`, [`${shared}engine/`]],
  [shared, [shared]],
  ["supabase/functions/", [shared]],
  // The page reads dumps through the same code as verify and restore.
  ["src/", ["src/", `${shared}contract/`, `${shared}engine/format/`, "npm"]],
];

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry.endsWith("/*")
      ? target.startsWith(entry.slice(0, -1)) && !target.slice(entry.length - 1).includes("/")
      : entry === "npm"
      ? !target.startsWith("supabase/") && !target.includes("..")
      : target === entry || target.startsWith(entry)
  );
}

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* files(new URL(`${entry.name}/`, folder));
    else if (/\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield new URL(entry.name, folder);
  }
}

let violations = 0;
for (const start of ["supabase/functions/", "src/"]) {
  for await (const file of files(new URL(start, root))) {
    const path = file.pathname.slice(root.pathname.length);
    const rule = rules.find(([folder]) => path.startsWith(folder));
    const source = await Deno.readTextFile(file);
    for (const [, specifier] of source.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const target = specifier.startsWith(".")
        ? new URL(specifier, file).pathname.slice(root.pathname.length)
        : specifier;
      if (rule && isAllowed(target, rule[1])) continue;
      console.error(`${path} must not import ${specifier}`);
      violations++;
    }
  }
}
console.log(violations === 0 ? "imports point one way" : `${violations} imports point the wrong way`);
process.exit(violations === 0 ? 0 : 1);
