import type { LedgerEntry } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { type CatalogueTable } from "../catalogue/catalogue.ts";
import { quoteIdentifier, quoteLiteral, quoteTable, tableName } from "../format/sql_names.ts";
import { plainColumnBytes } from "./table_query.ts";

/** Rows of one table that were left out for their size. Plain JSON. */
export interface RefusedRows {
  /** The places of the first hundred. */
  refused: string[];
  refusedRows: number;
}

/** Ledger entries per table for refused rows: the thousandth says no more than the hundredth. */
const MOST_REFUSED_ROWS = 100;

export function refuseRow(sum: RefusedRows, place: string): void {
  sum.refusedRows++;
  if (sum.refused.length < MOST_REFUSED_ROWS) sum.refused.push(place);
}

/** What the ledger says of them. */
export async function describeRefusedRows(
  session: Session,
  table: CatalogueTable,
  { refused, refusedRows }: RefusedRows,
  maxRowBytes: number,
  signal?: AbortSignal,
): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (const place of refused) entries.push(await describeOversizeRow(session, table, place, maxRowBytes, signal));
  const further = refusedRows - refused.length;
  if (further > 0) {
    const reason = `value_too_large: ${further} further rows of this table are too large`;
    entries.push({ kind: "row", identity: tableName(table), reason, severity: "missing" });
  }
  return entries;
}

/**
 * The ledger entry for a row that is too large for the function: names table, primary key and the largest column, and
 * the way out. Reads sizes and the key only, inside the same snapshot.
 */
async function describeOversizeRow(
  session: Session,
  table: CatalogueTable,
  place: string,
  maxRowBytes: number,
  signal?: AbortSignal,
): Promise<LedgerEntry> {
  const where = table.heap ? "where source.ctid = $1::tid" : "where false and $1::text is not null";
  const sizes = table.columns.map((column) =>
    `(${quoteLiteral(column.name)}::text, ${plainColumnBytes(column, `source.${quoteIdentifier(column.name)}`)})`
  );
  const key = table.primaryKey.map((name) => `source.${quoteIdentifier(name)}`);
  const [row] = await session.query<{ column: string; bytes: string; key: unknown }>(
    `select largest.name as column, largest.bytes::text as bytes,
       pg_catalog.left(pg_catalog.json_build_array(${key.join(", ")})::text, 500) as key
     from only ${quoteTable(table)} as source
     cross join lateral (select * from (values ${sizes.join(", ")}) as size(name, bytes) order by bytes desc limit 1)
       as largest ${where}`,
    [place],
    signal,
  );
  const megabytes = Math.floor(maxRowBytes / 1024 / 1024);
  const subject = row
    ? `column ${row.column} (${row.bytes} bytes) of the row with key ${key.length > 0 ? row.key : `ctid ${place}`}`
    : "a row";
  return {
    kind: "row",
    identity: `${tableName(table)} ${row ? (key.length > 0 ? row.key : place) : place}`,
    reason:
      `value_too_large: ${subject} in table ${tableName(table)} is larger than the ${megabytes} MiB that a function ` +
      "can hold. Take this backup with the command line: npm run lifeboat -- backup",
    severity: "missing",
  };
}
