import { type ColumnType, encodeExpression } from "./column_encoding.ts";
import { quoteIdentifier, quoteTable } from "./sql_names.ts";

/** What is needed to read a table's rows: its name and the columns that a row of the dump holds. */
export interface DescribedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly (ColumnType & { readonly name: string })[];
}

/**
 * The alias of a table in the queries below. Columns are qualified with it, so that a column named `source` does no
 * harm.
 */
export const SOURCE = "source";

/**
 * The SQL expression for one row as the text of a JSON object. The dump holds this text, and digests are taken of it.
 * The `.*` in `row_to_json(line.*)` is needed: without it a column named `line` would be written instead of the row.
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

/** The `from` clause of a table. It says `only`, so that rows of inheriting tables are not read twice. */
export function fromOnly(table: DescribedTable): string {
  return `from only ${quoteTable(table)} as ${SOURCE}`;
}

/**
 * The SQL expression for a line's digest: the first 64 bits of its SHA-256, as a signed integer. Unlike `hashtext` it
 * is the same on every release of PostgreSQL, and anybody can compute it from the file.
 */
export const LINE_DIGEST =
  `('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.convert_to(line, 'UTF8')), 1, 8), 'hex'))` +
  `::bit(64)::int8`;

/** A query that computes row count and digest of a whole table. Its one row `{rows, digest}` equals the manifest's. */
export function tableDigestSql(table: DescribedTable): string {
  return `select pg_catalog.count(*)::text as rows, coalesce(pg_catalog.sum(${LINE_DIGEST}), 0)::text as digest ` +
    `from (select ${rowLine(table)} as line ${fromOnly(table)} offset 0) as lines`;
}
