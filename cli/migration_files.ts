import { readdir, readFile } from "node:fs/promises";
import type { Migration } from "../supabase/functions/_shared/engine/install/mod.ts";

const folder = new URL("../supabase/migrations/", import.meta.url);

/** The files of supabase/migrations in order. */
export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(names.map(async (file) => {
    const [, version = "", name = file] = /^(\d+)_(.*)\.sql$/.exec(file) ?? [];
    return { version, name, sql: await readFile(new URL(file, folder), "utf8") };
  }));
}
