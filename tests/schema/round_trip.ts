import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { Session } from "../../supabase/functions/_shared/engine/database.ts";
import { exportSchema, type SchemaExport } from "../../supabase/functions/_shared/engine/dump/schema/mod.ts";
import { RESTORE_PREAMBLE } from "../../supabase/functions/_shared/engine/restore/preamble.ts";
import type { SchemaStatement, Section } from "../../supabase/functions/_shared/engine/format/schema_statement.ts";
import { pgDump } from "../support/pg_dump.ts";
import { freshDatabase, type PostgresVersion, type TestDatabase } from "../support/postgres.ts";

export const RICH_SCHEMAS = ["public", "app", "Odd Schema", "größe"];

const PSQL = Deno.env.get("PSQL") ?? "/usr/lib/postgresql/15/bin/psql";
const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
const WEBHOOKS = `create schema supabase_functions;
  create function supabase_functions.http_request() returns trigger language plpgsql as $$ begin return new; end $$;`;

/** Creates a database with the restore preamble and the rich schema. */
export async function richDatabase(version: PostgresVersion): Promise<TestDatabase> {
  const database = await freshDatabase(version);
  await psql(database.superuserUrl, RESTORE_PREAMBLE);
  await psql(database.superuserUrl, await read("rich_schema.sql"));
  if (version >= 18) await psql(database.superuserUrl, await read("rich_schema_18.sql"));
  return database;
}

/** Creates a target for a restore on a plain PostgreSQL, with the function that webhooks call. */
export async function emptyTarget(version: PostgresVersion): Promise<TestDatabase> {
  const database = await freshDatabase(version);
  await psql(database.superuserUrl, `${RESTORE_PREAMBLE}\n${WEBHOOKS}`);
  return database;
}

/** Runs `work` in a session like that of a dump, with one snapshot and read only. */
export async function inSnapshot<Result>(url: string, work: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await createPostgresDatabase({ url }).connect({ applicationName: "lifeboat test" });
  try {
    await session.query("begin isolation level repeatable read read only");
    await session.query("set local search_path = ''");
    return await work(session);
  } finally {
    await session.close();
  }
}

export function exportOf(url: string, schemas: readonly string[] = ["public"]): Promise<SchemaExport> {
  return inSnapshot(url, (session) => exportSchema(session, { schemas: [...schemas] }));
}

export function scriptOf(statements: readonly SchemaStatement[], ...sections: Section[]): string {
  return statements.filter(({ section }) => sections.includes(section)).map(({ sql }) => `${sql}\n`).join("\n");
}

/** Applies a script as the recovery guide says, with a psql that stops at the first error. Returns psql's output. */
export async function psql(url: string, script: string): Promise<string> {
  const child = new Deno.Command(PSQL, {
    args: ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // psql closes its input when it stops at an error. The error to report is in its output.
  const written = writer.write(new TextEncoder().encode(script)).then(() => writer.close()).catch(() => {});
  const { success, stderr } = await child.output();
  await written;
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`psql stopped:\n${said}`);
  return said;
}

/** What pg_dump says of each object, in no order: the two databases may have made theirs in another one. */
export function objectsOf(dump: string): string[] {
  return dump
    .split(/^--\n-- (?:Data for )?Name: /m)
    .slice(1)
    .map((text) => text.replace(/^--$/gm, "").replace(/\n{2,}/g, "\n").trim())
    // Grants and rows have no fixed order, so their lines are sorted.
    .map((text) => /; Type: (ACL|TABLE DATA);/.test(text) ? text.split("\n").sort().join("\n") : text)
    .sort();
}

/** Objects in which a restored database may differ from its source. All others must be the same to pg_dump. */
const MAY_DIFFER: readonly RegExp[] = [
  // The restore records its progress in this schema.
  /lifeboat_restore/,
  // The platform creates its own schemas. A plain server has stand-ins with the tables of the backup only.
  /; Schema: (auth|storage|extensions|supabase_functions);/,
  /^(SCHEMA )?(auth|storage|extensions|supabase_functions); Type: (SCHEMA|ACL);/m,
  // The test leaves this schema out of the backup.
  /^private; Type: SCHEMA;/,
  // Keys are replaced in the backup and named in its ledger.
  /api_key|password|sb_secret_|<secret removed/,
];

/** Removes from pg_dump's text what an older and a newer server write differently about the same object. */
function inWordsOfBoth(object: string): string {
  // PostgreSQL 18 leaves out unambiguous names, has one more privilege in ALL (MAINTAIN), and names what a child
  // inherits.
  if (/; Type: (VIEW|MATERIALIZED VIEW|ACL);/.test(object)) return /^.*; Type: .*$/m.exec(object)![0];
  return object.replace(/^ +CONSTRAINT .* NOT NULL .*\n/gm, "");
}

/**
 * The objects that pg_dump writes for only one of two databases, in both directions: schema, rows as COPY writes them,
 * and values of sequences.
 */
export async function pgDumpDifference(
  [from, to]: readonly [PostgresVersion, PostgresVersion],
  source: TestDatabase,
  target: TestDatabase,
): Promise<{ readonly objects: number; readonly lost: string[]; readonly added: string[] }> {
  const [before, after] = await Promise.all(
    [source, target].map(async ({ superuserUrl }) =>
      objectsOf(await pgDump(to, superuserUrl))
        .filter((text) => !MAY_DIFFER.some((known) => known.test(text)))
        .map((text) => from === to ? text : inWordsOfBoth(text))
    ),
  );
  return { objects: before.length, lost: difference(before, after), added: difference(after, before) };
}

export function difference(first: readonly string[], second: readonly string[]): string[] {
  const present = new Set(second);
  return first.filter((text) => !present.has(text));
}
