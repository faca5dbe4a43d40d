import type { Session } from "../database.ts";
import { quoteIdentifier, quoteTable, tableName } from "../format/sql_names.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { readTables } from "./target.ts";

/**
 * Makes tables of the platform that a plain PostgreSQL lacks, with plain columns, and adds columns missing in the
 * preamble's, so that a restore or drill there can hold and compare every row. A type that the target does not know
 * becomes text, the form of its values in the rows.
 */
export async function makeStandIns(
  session: Session,
  tables: readonly ManifestTable[],
  signal?: AbortSignal,
): Promise<void> {
  const found = await readTables(session, [...new Set(tables.map(({ schema }) => schema))], false, signal);
  const there = new Map(found.map((table) => [tableName(table), table]));
  const types = await knownTypes(session, tables, signal);
  for (const table of tables) {
    const columns = table.columns.filter((column) => column.inRows);
    const define = (column: ManifestTable["columns"][number]) =>
      `${quoteIdentifier(column.name)} ${types.get(column.type) ?? "text"}${column.notNull ? " not null" : ""}`;
    const existing = there.get(tableName(table));
    if (existing) {
      const names = new Set(existing.columns.map(({ name }) => name));
      const additions = columns.filter(({ name }) => !names.has(name)).map((column) => `add column ${define(column)}`);
      if (additions.length === 0) continue;
      await session.query(`alter table ${quoteTable(table)} ${additions.join(", ")}`, undefined, signal);
      continue;
    }
    const key = table.primaryKey.length === 0
      ? []
      : [`primary key (${table.primaryKey.map(quoteIdentifier).join(", ")})`];
    await session.query(
      `create schema if not exists ${quoteIdentifier(table.schema)};
       create table ${quoteTable(table)} (${[...columns.map(define), ...key].join(", ")})`,
      undefined,
      signal,
    );
  }
}

/** The types that the target has, as it writes them: text from a manifest is never put into a statement. */
async function knownTypes(
  session: Session,
  tables: readonly ManifestTable[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const wanted = [...new Set(tables.flatMap(({ columns }) => columns.map(({ type }) => type)))];
  const rows = await session.query<{ wanted: string; type: string | null }>(
    `select t.wanted, (select pg_catalog.format_type(y.oid, null) from pg_catalog.pg_type y
         where pg_catalog.format_type(y.oid, null) = pg_catalog.regexp_replace(t.wanted, '\\([0-9,]+\\)', '')
           -- Without their length these two would cut their values to one character.
           and y.typname not in ('bpchar', 'bit') limit 1) as type
     from unnest($1::text[]) as t(wanted)`,
    [wanted],
    signal,
  );
  return new Map(rows.flatMap(({ wanted, type }) => type === null ? [] : [[wanted, type]]));
}
