import { quoteIdentifier, quoteTable } from "../../supabase/functions/_shared/engine/format/sql_names.ts";
import { decodeJsonExpression } from "../../supabase/functions/_shared/engine/format/column_encoding.ts";
import type { DumpedTable } from "../../supabase/functions/_shared/engine/dump/dump_tables.ts";

/**
 * The statement that inserts row lines (`$1`, an array of text) into a table. It uses only the encodings that the dump
 * declares: JSON strings go through the type's input function.
 */
export function insertLinesSql(table: DumpedTable, into: { schema: string; name: string }): string {
  const columns = table.columns.filter((column) => column.inRows);
  const lines = "from pg_catalog.unnest($1::text[]) as given(line)";
  if (columns.length === 0) return `insert into ${quoteTable(into)} select ${lines}`;
  const names = columns.map((column) => quoteIdentifier(column.name));
  const values = columns.map(({ encoding, type }, index) => {
    const value = `found.${names[index]}`;
    return encoding === "json" ? decodeJsonExpression(value) : type === "json" ? `${value}::json` : value;
  });
  // Read as text, a JSON string in a jsonb column would lose its quotes. Read as json, the text of a json column would
  // keep quotes that are not part of its value.
  const definitions = columns.map(({ encoding, type }, index) =>
    `${names[index]} ${encoding === "json" ? "json" : type === "json" ? "text" : type}`
  );
  return `insert into ${quoteTable(into)} (${names.join(", ")}) overriding system value ` +
    `select ${values.join(", ")} ${lines} ` +
    `cross join lateral pg_catalog.json_to_record(given.line::json) as found(${definitions.join(", ")})`;
}
