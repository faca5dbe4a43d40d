import pg from "pg";

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);

/** The project's migrations in order: file name and text. */
export async function readMigrationTexts(): Promise<{ name: string; sql: string }[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(MIGRATIONS)) if (entry.name.endsWith(".sql")) names.push(entry.name);
  names.sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sql: await Deno.readTextFile(new URL(name, MIGRATIONS)) })),
  );
}

/** The migrations that databases of the first version have. */
export async function readFirstVersion(): Promise<{ name: string; sql: string }[]> {
  return (await readMigrationTexts()).filter(({ name }) => isOfFirstVersion(name));
}

/** True for a migration's file that came with the first version. */
export function isOfFirstVersion(name: string): boolean {
  return name < "20261122";
}

/** Applies migrations, all unless some are given, each in a transaction as `supabase db push` does. Returns the notices that were raised. */
export async function migrate(url: string, migrations?: readonly { name: string; sql: string }[]): Promise<string[]> {
  const notices: string[] = [];
  const client = new pg.Client({ connectionString: url });
  client.on("notice", (notice) => notices.push(notice.message ?? ""));
  await client.connect();
  try {
    for (const { name, sql } of migrations ?? await readMigrationTexts()) {
      await client.query(`begin; ${sql}; commit`).catch((error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
    }
  } finally {
    await client.end();
  }
  return notices;
}
