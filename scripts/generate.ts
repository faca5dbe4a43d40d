// Writes what edge functions need from outside `supabase/functions` as TypeScript modules: they may import nothing else,
// and `static_files` needs Docker (https://github.com/supabase/cli/issues/4554). Also what documents say of the settings.
// And the migration that brings the functions of supabase/sql. `--check` writes nothing and fails when a file is not what it would write.
import { parse } from "smol-toml";
import process from "node:process";
import { SCHEMA_MIGRATION } from "../supabase/functions/_shared/engine/schema_version.ts";
import { schemaMigrationSql } from "./schema_migration.ts";
import { environmentExample, withConfigurationTables } from "../supabase/functions/_shared/config/documentation.ts";

const root = new URL("../", import.meta.url);
const generated = new URL("supabase/functions/_shared/generated/", root);

interface FunctionDescription {
  readonly name: string;
  readonly description: string;
  readonly configuration: Record<string, unknown>;
}

async function describeFunctions(): Promise<FunctionDescription[]> {
  const config = parse(await Deno.readTextFile(new URL("supabase/config.toml", root))) as {
    functions?: Record<string, Record<string, unknown>>;
  };
  const described: FunctionDescription[] = [];
  for await (const entry of Deno.readDir(new URL("supabase/functions/", root))) {
    if (!entry.isDirectory || entry.name.startsWith("_")) continue;
    const source = await Deno.readTextFile(new URL(`supabase/functions/${entry.name}/index.ts`, root));
    described.push({
      name: entry.name,
      description: leadingComment(source),
      configuration: config.functions?.[entry.name] ?? {},
    });
  }
  return described.sort((one, other) => one.name < other.name ? -1 : 1);
}

/** The comment at the beginning of a file, as one line. */
function leadingComment(source: string): string {
  const comment = /^(?:\s*\/\/[^\n]*\n)+|^\s*\/\*[\s\S]*?\*\//.exec(source)?.[0] ?? "";
  return comment.split("\n").map((line) => line.replace(/^\s*(?:\/\/|\/\*\*?|\*\/|\*)\s?/, "").replace(/\*\/\s*$/, ""))
    .join(" ").replace(/\s+/g, " ").trim();
}

/** Exact versions for a function's deno.json, taken from package.json so that versions are changed in one place. */
async function functionConfiguration(): Promise<string> {
  const { dependencies } = JSON.parse(await Deno.readTextFile(new URL("package.json", root))) as {
    dependencies: Record<string, string>;
  };
  const specifiers = new Set<string>();
  for await (const source of sources(new URL("supabase/functions/", root))) {
    for (const [, specifier] of source.matchAll(/^(?:import|export|\}) .*\bfrom "([^".][^"]*)";$/gm)) {
      if (!/^(node|npm|jsr|https?):/.test(specifier)) specifiers.add(specifier);
    }
  }
  const imports = [...specifiers].sort().map((specifier) => {
    const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
    if (!dependencies[name]) throw new Error(`${specifier} is imported by a function but is not in package.json`);
    return [specifier, `npm:${name}@${dependencies[name]}${specifier.slice(name.length)}`];
  });
  return JSON.stringify({ imports: Object.fromEntries(imports) }, null, 2) + "\n";
}

/** The text of every module below a folder except tests. */
async function* sources(folder: URL): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (/(?<!\.test)\.ts$/.test(entry.name)) yield await Deno.readTextFile(new URL(entry.name, folder));
  }
}

async function modules(): Promise<Record<string, string>> {
  const configuration = await functionConfiguration();
  const guide = await Deno.readTextFile(new URL("public/DISASTER_RECOVERY.md", root));
  const settings = await Deno.readTextFile(new URL("docs/CONFIGURATION.md", root));
  const preamble = await Deno.readTextFile(new URL("public/restore-preamble.sql", root));
  const header = "// Written by `npm run generate`; do not edit.\n";
  const functions = await describeFunctions();
  return {
    ...Object.fromEntries(functions.map(({ name }) => [`../../${name}/deno.json`, configuration])),
    "../../../../docs/CONFIGURATION.md": withConfigurationTables(settings),
    "../../../../.env.example": environmentExample(),
    [`../../../migrations/${SCHEMA_MIGRATION}.sql`]: await schemaMigrationSql(),
    "../engine/restore/preamble.ts": `${header}/** public/restore-preamble.sql */\n` +
      `export const RESTORE_PREAMBLE: string =\n  \`${preamble.replace(/[`\\]|\$\{/g, "\\$&")}\`;\n`,
    "recovery_guide.ts": `${header}/** public/DISASTER_RECOVERY.md */\n` +
      `export const RECOVERY_GUIDE: string = ${JSON.stringify(guide)};\n`,
    "edge_functions.ts":
      `${header}import type { EdgeFunctionDescription } from "../engine/format/dump_document.ts";\n\n` +
      `/** The project's edge functions at the time of deployment. */\n` +
      `export const EDGE_FUNCTIONS: readonly EdgeFunctionDescription[] = ${JSON.stringify(functions, null, 2)};\n`,
  };
}

const check = Deno.args.includes("--check");
let stale = 0;
for (const [name, text] of Object.entries(await modules())) {
  const file = new URL(name, generated);
  const present = await Deno.readTextFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  if (present === text) continue;
  if (check) {
    console.error(`${name} is not up to date: run npm run generate`);
    stale++;
  } else {
    await Deno.mkdir(generated, { recursive: true });
    await Deno.writeTextFile(file, text);
    console.log(`wrote ${name}`);
  }
}
process.exit(stale === 0 ? 0 : 1);
