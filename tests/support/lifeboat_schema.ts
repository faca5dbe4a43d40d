import { pgDump, reasonWithoutPgDump } from "./pg_dump.ts";

/** pg_dump 18 reads every supported server and prints the same of each, so it is the only one that is used. */
const VERSION = 18;

/** Why a schema cannot be read here, or null. */
export const reasonWithoutSchema: string | null = reasonWithoutPgDump(VERSION);

/**
 * Everything that Lifeboat makes in a database where nothing else is, as SQL: tables, keys, functions, views, triggers,
 * policies, owners and grants. It is the same text for each release of PostgreSQL and each way to install.
 */
export async function readLifeboatSchema(url: string): Promise<string> {
  const dump = await pgDump(
    VERSION,
    url,
    "--schema-only",
    "--schema=lifeboat",
    "--schema=public",
    // The command "install" keeps its own record there; `supabase db push` keeps one in supabase_migrations.
    "--exclude-table=lifeboat.migrations",
  );
  return dump
    .replace(/^-- Dumped (from|by) .*\n/gm, "")
    .replace(/^-- PostgreSQL database dump( complete)?$/gm, "")
    .replace(/^--\n(\n?--\n)*/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim() + "\n";
}
