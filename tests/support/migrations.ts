import pg from "pg";

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);

/** The project's migrations in order: file name and text. */
export async function readMigrations(): Promise<{ name: string; sql: string }[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(MIGRATIONS)) if (entry.name.endsWith(".sql")) names.push(entry.name);
  names.sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sql: await Deno.readTextFile(new URL(name, MIGRATIONS)) })),
  );
}

/** Applies every migration, each in a transaction as `supabase db push` does. Returns the notices that were raised. */
export async function migrate(url: string): Promise<string[]> {
  const notices: string[] = [];
  const client = new pg.Client({ connectionString: url });
  client.on("notice", (notice) => notices.push(notice.message ?? ""));
  await client.connect();
  try {
    for (const { name, sql } of await readMigrations()) {
      await client.query(`begin; ${sql}; commit`).catch((error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
    }
  } finally {
    await client.end();
  }
  return notices;
}
