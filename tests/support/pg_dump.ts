import type { PostgresVersion } from "./postgres.ts";

/** npm's PostgreSQL 18 has no client programs; scripts/install_pg_dump_18.sh fetches them. */
const PG_DUMP: Readonly<Record<PostgresVersion, string>> = {
  15: "/usr/lib/postgresql/15/bin/pg_dump",
  18: new URL("../../.tools/postgres-18/embedded_postgres/pginstall/bin/pg_dump", import.meta.url).pathname,
};

/** PostgreSQL 15.20 keeps an option of its own on each column, which a pg_dump that does not know of it prints. */
const SERVER_OPTION = /^ALTER TABLE ONLY .* ALTER COLUMN .* SET \(pg_attver=\d+\);\n/gm;

/** Why nothing can be read by pg_dump of `version` here, or null. */
export function reasonWithoutPgDump(version: PostgresVersion): string | null {
  try {
    Deno.statSync(PG_DUMP[version]);
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `pg_dump ${version} is not installed`;
    throw error;
  }
}

/** What pg_dump of `version` prints of a database whose server is not newer, without what changes from run to run. */
export async function pgDump(version: PostgresVersion, url: string, ...options: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(PG_DUMP[version], { args: [...options, url] }).output();
  if (!success) throw new Error(`pg_dump stopped:\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).replace(/^\\(un)?restrict .*$/gm, "").replace(SERVER_OPTION, "");
}
