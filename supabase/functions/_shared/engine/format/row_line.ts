import { type ColumnType, encodeExpression } from "./column_encoding.ts";
import { quoteIdentifier, quoteTable } from "./sql_names.ts";

/** A table as its rows are read: its name, and the columns that a row of the dump holds. */
export interface DescribedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly (ColumnType & { readonly name: string })[];
}

/** The name under which a table's row is read: a qualified reference never means a column of that name. */
export const SOURCE = "source";

/**
 * One row as the text of a JSON object: what the dump holds and what digests are taken of. `row_to_json(line.*)`, since
 * without `.*` a column named like the alias would win.
 */
export function rowLine(table: DescribedTable): string {
  const columns = table.columns.map((column) => {
    const name = quoteIdentifier(column.name);
    return `${encodeExpression(column, `${SOURCE}.${name}`)} as ${name}`;
  });
  return columns.length === 0
    ? "'{}'::text"
    : `(select pg_catalog.row_to_json(line.*)::text from (select ${columns.join(", ")}) as line)`;
}

/** `only`, so that rows of child tables are not read twice. */
export function fromOnly(table: DescribedTable): string {
  return `from only ${quoteTable(table)} as ${SOURCE}`;
}

/** First 64 bits of SHA-256, signed: unlike `hashtext` the same on every PostgreSQL, and computable from the file. */
export const LINE_DIGEST =
  `('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.convert_to(line, 'UTF8')), 1, 8), 'hex'))` +
  `::bit(64)::int8`;

/** Row count and digest of a whole table, computed anew: `{rows, digest}`. Equal to the manifest's when the rows are. */
export function tableDigestSql(table: DescribedTable): string {
  return `select pg_catalog.count(*)::text as rows, coalesce(pg_catalog.sum(${LINE_DIGEST}), 0)::text as digest ` +
    `from (select ${rowLine(table)} as line ${fromOnly(table)} offset 0) as lines`;
}
