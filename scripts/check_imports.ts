// Imports point one way: hosts → compose → adapters → engine; the page → contract and format. See docs/ARCHITECTURE.md.
import process from "node:process";
import { importsOf, sourceFiles, specifiersOf } from "./import_graph.ts";

const shared = "supabase/functions/_shared/";
const engine = `${shared}engine/`;
const contract = `${shared}contract/`;

/** A folder of the engine may import the folders named here, besides itself, the engine's loose files and the contract. */
const ENGINE: Readonly<Record<string, readonly string[]>> = {
  format: [],
  run: [],
  store: ["format"],
  catalogue: ["format"],
  points: ["format", "store"],
  notify: ["format", "run"],
  dump: ["catalogue", "format", "run", "store"],
  media: ["format", "run", "store"],
  copies: ["format", "points", "run", "store"],
  verify: ["format", "points", "run", "store"],
  restore: ["catalogue", "format", "points", "store"],
  maintenance: ["notify", "run", "store"],
  install: ["run"],
  doctor: ["format", "install", "store"],
  backup: ["copies", "dump", "format", "maintenance", "media", "notify", "run", "store"],
  drill: ["format", "points", "restore", "run", "store", "verify"],
  admin: ["copies", "format", "maintenance", "notify", "restore", "run", "store", "verify"],
};

/** The same for everything else, the most specific folder first. `npm` stands for every package. */
const REST: readonly (readonly [folder: string, allowed: readonly string[]])[] = [
  [contract, [contract, "zod"]],
  [`${shared}adapters/`, [`${shared}adapters/`, engine, contract, "npm"]],
  [`${shared}config/`, [`${shared}config/`, engine, "npm"]],
  [`${shared}http/`, [`${shared}http/`, `${shared}config/`, engine, contract, "npm"]],
  [`${shared}generated/`, [engine]],
  [`${shared}compose/`, [shared]],
  [`${shared}edge/`, [shared]],
  ["supabase/functions/", [shared]],
  // The page reads dumps through the same code as everybody else.
  ["src/", ["src/", contract, `${engine}format/`, "npm"]],
];

/** Undefined where a file stands in a folder that no rule names: that is a violation, too. */
function allowedFor(path: string): readonly string[] | undefined {
  if (!path.startsWith(engine)) return REST.find(([folder]) => path.startsWith(folder))?.[1];
  const [folder, file] = path.slice(engine.length).split("/");
  if (file === undefined) return [LOOSE, contract];
  return ENGINE[folder] &&
    [`${engine}${folder}/`, ...ENGINE[folder].map((name) => `${engine}${name}/`), LOOSE, contract];
}

/** A file that stands in the engine itself, in no folder of it. */
const LOOSE = "loose";

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry === LOOSE
      ? target.startsWith(engine) && !target.slice(engine.length).includes("/")
      : entry === "npm"
      ? !target.startsWith("supabase/") && !target.includes("..")
      : target === entry || entry.endsWith("/") && target.startsWith(entry)
  );
}

const violations: string[] = [];
for (const start of ["supabase/functions/", "src/"]) {
  for await (const path of sourceFiles(start)) {
    if (/\.test\.tsx?$/.test(path)) continue;
    const allowed = allowedFor(path) ?? [];
    const packages = (await specifiersOf(path)).filter((specifier) => !specifier.startsWith("."));
    for (const target of [...await importsOf(path), ...packages]) {
      if (!isAllowed(target, allowed)) violations.push(`${path} must not import ${target}`);
    }
    // An address that is put together when the program runs would go past every rule.
    const text = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
    if (/\bimport\s*\((?!\s*["'])/.test(text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, ""))) {
      violations.push(`${path} imports from an address that it makes up`);
    }
  }
}
for (const violation of violations) console.error(violation);
console.log(violations.length === 0 ? "imports point one way" : `${violations.length} imports point the wrong way`);
process.exit(violations.length === 0 ? 0 : 1);
