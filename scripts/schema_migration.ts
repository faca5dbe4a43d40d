import { SCHEMA_VERSION } from "../supabase/functions/_shared/engine/schema_version.ts";

const folder = new URL("../supabase/sql/", import.meta.url);

/** The migration that brings all functions and views of this release, made of the files of supabase/sql. */
export async function schemaMigrationSql(): Promise<string> {
  const files = (await sqlFiles("")).sort();
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(new URL(file, folder))));
  return [
    `-- Written by \`npm run generate\` from supabase/sql; do not edit.
-- All functions and views of Lifeboat's schema ${SCHEMA_VERSION}. May be applied again.

-- They call each other, in whatever order they come.
set check_function_bodies = off;

create or replace function lifeboat.schema_version() returns integer
language sql immutable set search_path = ''
as $$ select ${SCHEMA_VERSION} $$;
`,
    ...texts,
    await Deno.readTextFile(new URL("grants.sql", folder)),
    "reset check_function_bodies;\n",
  ].join("\n");
}

/** Paths of the files in the subjects' folders. */
async function sqlFiles(below: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(below, folder))) {
    if (isDirectory) found.push(...await sqlFiles(`${below}${name}/`));
    else if (below !== "" && name.endsWith(".sql")) found.push(below + name);
  }
  return found;
}
