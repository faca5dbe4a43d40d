import { type CatalogueColumn, type CatalogueTable } from "../catalogue/catalogue.ts";
import { quoteIdentifier, quoteLiteral, quoteTable } from "../format/sql_names.ts";
import { fromOnly, LINE_DIGEST, rowLine, SOURCE } from "../format/row_line.ts";
import { pageOf, type Piece } from "./piece.ts";

/** Heap pages a message covers: 16 pages (128 kB) a message costs Postgres least (measured, docs/PERFORMANCE.md). */
export const PAGES_PER_MESSAGE = 16;
/** In a table with TOAST, rows whose stored values exceed this travel one to a message. */
const WIDE_ROW_BYTES = 2_048;
const PAGE_BYTES = "pg_catalog.current_setting('block_size')::int8";

/** Places of a piece; everything where a table has none. */
function within({ table, from: begin, to: end }: Piece): string {
  if (!table.heap) return "";
  const before = end === null ? "" : ` and ${SOURCE}.ctid < '${end}'::tid`;
  return `where ${SOURCE}.ctid >= '${begin}'::tid${before}`;
}

const AGGREGATES = `pg_catalog.count(*)::int4 as rows, pg_catalog.sum(${LINE_DIGEST})::text as digest`;

/** Rows of a piece, counted by a plain scan that shares nothing with the query that reads them: `{count}`. */
export function pieceCountSql(piece: Piece): string {
  return `select pg_catalog.count(*)::text as count ${fromOnly(piece.table)} ${within(piece)}`;
}

/**
 * Where to cut a piece of a table with TOAST so that it holds about `bytes` of JSON, and at least one row: `{place}`, or
 * no row when it need not be cut. Reads sizes, not values.
 */
export function pieceCutSql(piece: Piece, bytes: number): string {
  return `select place::text as place from (` +
    `select place, pg_catalog.sum(bytes) over (order by place) as sum, pg_catalog.row_number() over (order by place) as n ` +
    `from (select ${SOURCE}.ctid as place, ${plainBytes(piece.table)} as bytes ${fromOnly(piece.table)} ${
      within(piece)
    } ` +
    `offset 0) as sizes) as sums where sum > ${bytes} and n > 1 order by n limit 1`;
}

/**
 * The COPY whose tuples are `(rows int4, digest text, lines text, oversize text)`; see `copy_tuples.ts`.
 * `lines` holds rows separated by `,\n`; `oversize` is the place (ctid) of a row that was refused because its JSON is
 * longer than `maxRowBytes`.
 */
export function pieceCopySql(piece: Piece, maxRowBytes: number): string {
  return `copy (${
    piece.table.heap ? byPage(piece, maxRowBytes) : rowByRow(piece.table, "", maxRowBytes)
  }) to stdout (format binary)`;
}

function byPage({ table, from: begin, to: end }: Piece, maxRowBytes: number): string {
  const last = end === null
    ? `pg_catalog.pg_relation_size(${quoteLiteral(quoteTable(table))}::pg_catalog.regclass) / ${PAGE_BYTES}`
    : String(pageOf(end));
  // Qualified: a column named `page` would be meant otherwise.
  const after = `('(' || heap.page + ${PAGES_PER_MESSAGE} || ',0)')::tid`;
  const range = `where ${SOURCE}.ctid >= greatest(('(' || heap.page || ',0)')::tid, '${begin}'::tid) ` +
    `and ${SOURCE}.ctid < ${end === null ? after : `least(${after}, '${end}'::tid)`}`;
  const packed = (where: string) =>
    `select ${AGGREGATES}, pg_catalog.string_agg(line, E',\\n') as lines, null::text as oversize ` +
    `from (select ${rowLine(table)} as line ${fromOnly(table)} ${where} offset 0) as lines`;
  const message = table.toasted
    ? `${packed(`${range} and ${storedBytes(table)} <= ${WIDE_ROW_BYTES}`)} union all ` +
      rowByRow(table, `${range} and ${storedBytes(table)} > ${WIDE_ROW_BYTES}`, maxRowBytes)
    : packed(range);
  return `select message.* ` +
    `from pg_catalog.generate_series(${pageOf(begin)}, ${last}, ${PAGES_PER_MESSAGE}) as heap(page) ` +
    `cross join lateral (${message}) as message`;
}

/**
 * One row a message, for rows of which sixteen pages could hold gigabytes. A row whose values alone exceed the limit is
 * not rendered at all: beyond 1 GB Postgres itself would give up.
 */
function rowByRow(table: CatalogueTable, where: string, maxRowBytes: number): string {
  const place = table.heap ? `${SOURCE}.ctid::text` : "'unknown'::text";
  return `select (fits)::int4 as rows, case when fits then ${LINE_DIGEST}::text end as digest, ` +
    `case when fits then line end as lines, case when not fits then place end as oversize from (` +
    `select place, line, coalesce(pg_catalog.octet_length(line) <= ${maxRowBytes}, false) as fits from (` +
    `select ${place} as place, case when ${plainBytes(table)} <= ${maxRowBytes} then ${rowLine(table)} end as line ` +
    `${fromOnly(table)} ${where} offset 0) as rendered offset 0) as lines`;
}

const TEXT_TYPES: ReadonlySet<number> = new Set([25, 1042, 1043]);
const BYTEA = 17;

/** Bytes of a column's value in JSON, at least: known from its header, without fetching or decompressing the value. */
export function plainColumnBytes(column: CatalogueColumn, reference: string): string {
  if (TEXT_TYPES.has(column.baseType)) return `coalesce(pg_catalog.octet_length(${reference}::text), 0)::int8`;
  if (column.baseType === BYTEA) return `coalesce(pg_catalog.octet_length(${reference}::bytea), 0)::int8 * 2`;
  return `coalesce(pg_catalog.pg_column_size(${reference}), 0)::int8`;
}

function plainBytes(table: CatalogueTable): string {
  return table.columns.map((column) => plainColumnBytes(column, `${SOURCE}.${quoteIdentifier(column.name)}`)).join(
    " + ",
  ) ||
    "0";
}

/** Bytes as stored, compressed or out of line: read from the row itself, without fetching what lies outside it. */
function storedBytes(table: CatalogueTable): string {
  const sizes = table.columns.map((column) =>
    `coalesce(pg_catalog.pg_column_size(${SOURCE}.${quoteIdentifier(column.name)}), 0)`
  );
  return sizes.length === 0 ? "0" : `(${sizes.join(" + ")})`;
}
