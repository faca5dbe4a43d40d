import { type CatalogueColumn, type CatalogueTable, quoteIdentifier, quoteTable } from "./catalogue.ts";
import { encodeExpression } from "./column_encoding.ts";
import { pageOf, type Piece } from "./piece.ts";

/** Heap pages a message covers: 16 pages (128 kB) a message costs Postgres least (measured, docs/PERFORMANCE.md). */
export const PAGES_PER_MESSAGE = 16;
/** In a table with TOAST, rows whose stored values exceed this travel one to a message. */
const WIDE_ROW_BYTES = 2_048;
const PAGE_BYTES = "pg_catalog.current_setting('block_size')::int8";

/** The name under which a table's row is read: a qualified reference never means a column of that name. */
const SOURCE = "source";

/**
 * One row as the text of a JSON object: what the dump holds and what digests are taken of. `row_to_json(line.*)`, since
 * without `.*` a column named like the alias would win.
 */
function line(table: CatalogueTable): string {
  const columns = table.columns.map((column) => {
    const name = quoteIdentifier(column.name);
    return `${encodeExpression(column, `${SOURCE}.${name}`)} as ${name}`;
  });
  return columns.length === 0
    ? "'{}'::text"
    : `(select pg_catalog.row_to_json(line.*)::text from (select ${columns.join(", ")}) as line)`;
}

/** `only`, so that rows of child tables are not read twice. */
function from(table: CatalogueTable): string {
  return `from only ${quoteTable(table)} as ${SOURCE}`;
}

/** Places of a piece; everything where a table has none. */
function within({ table, from: begin, to: end }: Piece): string {
  if (!table.heap) return "";
  const before = end === null ? "" : ` and ${SOURCE}.ctid < '${end}'::tid`;
  return `where ${SOURCE}.ctid >= '${begin}'::tid${before}`;
}

/** First 64 bits of SHA-256, signed: unlike `hashtext` the same on every PostgreSQL, and computable from the file. */
const LINE_DIGEST =
  `('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.convert_to(line, 'UTF8')), 1, 8), 'hex'))` +
  `::bit(64)::int8`;
const AGGREGATES = `pg_catalog.count(*)::int4 as rows, pg_catalog.sum(${LINE_DIGEST})::text as digest`;

/** Row count and digest of a whole table, computed anew: `{rows, digest}`. Equal to the manifest's when the rows are. */
export function tableDigestSql(table: CatalogueTable): string {
  return `select pg_catalog.count(*)::text as rows, coalesce(pg_catalog.sum(${LINE_DIGEST}), 0)::text as digest ` +
    `from (select ${line(table)} as line ${from(table)} offset 0) as lines`;
}

/** Rows of a piece, counted by a plain scan that shares nothing with the query that reads them: `{count}`. */
export function pieceCountSql(piece: Piece): string {
  return `select pg_catalog.count(*)::text as count ${from(piece.table)} ${within(piece)}`;
}

/**
 * Where to cut a piece of a table with TOAST so that it holds about `bytes` of JSON, and at least one row: `{place}`, or
 * no row when it need not be cut. Reads sizes, not values.
 */
export function pieceCutSql(piece: Piece, bytes: number): string {
  return `select place::text as place from (` +
    `select place, pg_catalog.sum(bytes) over (order by place) as sum, pg_catalog.row_number() over (order by place) as n ` +
    `from (select ${SOURCE}.ctid as place, ${plainBytes(piece.table)} as bytes ${from(piece.table)} ${within(piece)} ` +
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
    `from (select ${line(table)} as line ${from(table)} ${where} offset 0) as lines`;
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
    `select ${place} as place, case when ${plainBytes(table)} <= ${maxRowBytes} then ${line(table)} end as line ` +
    `${from(table)} ${where} offset 0) as rendered offset 0) as lines`;
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

function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
