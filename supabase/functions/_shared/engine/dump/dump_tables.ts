import type { DumpColumn, DumpManifest, DumpTable, LedgerEntry, RunProgress } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { rowSeparator, tableHead, tableTail } from "../format/dump_document.ts";
import { type Budget, unlimitedBudget } from "../run/budget.ts";
import { type CatalogueTable, type DumpScope, isMeant } from "../catalogue/catalogue.ts";
import { tableName } from "../format/sql_names.ts";
import { columnEncoding } from "../format/column_encoding.ts";
import { readCopyTuples } from "./copy_tuples.ts";
import { loadOrder } from "./load_order.ts";
import type { MemberWriter } from "./member_writer.ts";
import { describeOversizeRow } from "./oversize_row.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { type Piece, TABLE_START } from "./piece.ts";
import { readTablePages } from "./table_pages.ts";
import { TablePieces } from "./table_pieces.ts";
import { pieceCopySql, pieceCountSql } from "./table_query.ts";

export type DumpedTable = DumpManifest["tables"][number];

/** Where the rows come from. */
export interface RowSource {
  readonly session: Session;
  readonly tables: readonly CatalogueTable[];
  readonly scope: DumpScope;
  readonly maxRowBytes: number;
  /** Reads the rows instead of the session, side by side. */
  readonly readers?: ReadAhead | undefined;
}

/** What is known of the table that is being read. Plain JSON. */
export interface TableSum {
  rows: number;
  digest: string;
  rawBytes: number;
  /** Places of rows that were refused for their size; the first hundred of them. */
  refused: string[];
  refusedRows: number;
}

/** How far the rows have been written. Plain JSON, carried from one invocation to the next. */
export interface RowsPosition {
  /** Index of the table that is next or being read. */
  table: number;
  /** The first place of it that was not read. */
  place: string;
  /** Null before its head was written. */
  sum: TableSum | null;
  rowsDone: number;
  bytesDone: number;
}

export interface DumpTablesResult {
  /** Tables that were finished by this call. Their `bytes` are told by the members. */
  readonly tables: DumpedTable[];
  /** Rows refused for their size, columns excluded. */
  readonly ledger: LedgerEntry[];
  /** False when the budget was spent before the last table. */
  readonly finished: boolean;
}

/** Ledger entries per table for refused rows: the thousandth says no more than the hundredth. */
const MOST_REFUSED_ROWS = 100;
const encoder = new TextEncoder();
const separator = encoder.encode(rowSeparator);

export function firstRow(): RowsPosition {
  return { table: 0, place: TABLE_START, sum: null, rowsDone: 0, bytesDone: 0 };
}

/**
 * Writes the tables of the snapshot into the document from `position` on, until the last is written or the budget is
 * spent, and moves `position`. Proves each count against one of its own.
 */
export async function dumpTables(
  source: RowSource,
  position: RowsPosition,
  writer: MemberWriter,
  report: (progress: RunProgress) => void,
  signal: AbortSignal,
  budget: Budget = unlimitedBudget,
): Promise<DumpTablesResult> {
  const { session, tables, scope, maxRowBytes } = source;
  const order = loadOrder(tables);
  const pages = await readTablePages(session, tables.slice(position.table), signal);
  const ledger: LedgerEntry[] = [];
  const dumped: DumpedTable[] = [];
  const rowsEstimated = Math.round(tables.reduce((sum, table) => sum + table.estimatedRows, 0));

  while (position.table < tables.length) {
    const whole = tables[position.table];
    const name = tableName(whole);
    const { table, description } = describeTable(whole, scope, order.get(whole.oid) ?? 0);
    await writer.begin(name);
    if (position.sum === null) {
      position.sum = { rows: 0, digest: "0", rawBytes: 0, refused: [], refusedRows: 0 };
      await writer.write(encoder.encode(tableHead(name, description)));
    }
    const { sum } = position;
    const begun = { place: position.place, rows: sum.rows + sum.refusedRows };
    const pieces = new TablePieces(session, table, pages.get(table.oid) ?? 0, budget.unitBytes);
    let piece: Piece;
    do {
      piece = await pieces.next(position.place, signal);
      const before = sum.rawBytes;
      await writePiece(piece, () =>
        report({
          phase: "rows",
          tablesDone: position.table,
          tablesTotal: tables.length,
          currentTable: name,
          rowsDone: position.rowsDone + sum.rows,
          rowsEstimated,
          bytesDone: position.bytesDone + sum.rawBytes,
        }), sum);
      pieces.learn(piece, sum.rawBytes - before);
      budget.spend(sum.rawBytes - before);
      if (piece.to !== null) position.place = piece.to;
    } while (piece.to !== null && !budget.spent());

    const read = { table, from: begun.place, to: piece.to };
    await assertCount(session, read, sum.rows + sum.refusedRows - begun.rows, signal);
    if (piece.to !== null) return { tables: dumped, ledger, finished: false };

    await writer.write(encoder.encode(tableTail(position.table === tables.length - 1)));
    ledger.push(...excludedColumns(name, description), ...await refusedRows(table, name, sum));
    dumped.push({ ...description, rows: sum.rows, rawBytes: sum.rawBytes, bytes: 0, digest: sum.digest });
    position.table++;
    position.place = TABLE_START;
    position.sum = null;
    position.rowsDone += sum.rows;
    position.bytesDone += sum.rawBytes;
    if (position.table < tables.length && budget.spent()) return { tables: dumped, ledger, finished: false };
  }
  await writer.begin(null);
  return { tables: dumped, ledger, finished: true };

  async function writePiece(piece: Piece, tell: () => void, sum: TableSum): Promise<void> {
    let digest = BigInt(sum.digest);
    const tuples = source.readers
      ? source.readers.read(piece, pages.get(piece.table.oid) ?? 0, maxRowBytes, signal)
      : readCopyTuples(session.copyOut(pieceCopySql(piece, maxRowBytes), signal));
    for await (const tuple of tuples) {
      if (tuple.oversize !== null) {
        sum.refusedRows++;
        if (sum.refused.length < MOST_REFUSED_ROWS) sum.refused.push(tuple.oversize);
      }
      if (tuple.rows === 0) continue;
      await writer.write(tuple.lines, tuple.rows, sum.rows > 0 ? separator : undefined);
      sum.rows += tuple.rows;
      digest += tuple.digest;
      sum.rawBytes += tuple.lines.length;
      tell();
    }
    sum.digest = digest.toString();
  }

  async function refusedRows(table: CatalogueTable, name: string, sum: TableSum): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for (const place of sum.refused) {
      entries.push(await describeOversizeRow(session, table, place, maxRowBytes, signal));
    }
    const further = sum.refusedRows - sum.refused.length;
    if (further > 0) {
      entries.push({
        kind: "row",
        identity: name,
        reason: `value_too_large: ${further} further rows of this table are too large`,
        severity: "missing",
      });
    }
    return entries;
  }
}

function excludedColumns(name: string, { columns }: DumpTable): LedgerEntry[] {
  return columns.filter((column) => !column.inRows && !isGenerated(column)).map((column) => ({
    kind: "column",
    identity: `${name}.${column.name}`,
    reason: "excluded by BACKUP_EXCLUDE",
    severity: "expected" as const,
  }));
}

/** The table as the rows hold it (`table`: without generated and excluded columns) and as the document describes it. */
function describeTable(
  whole: CatalogueTable,
  scope: DumpScope,
  order: number,
): { table: CatalogueTable; description: DumpTable } {
  const excluded = new Set(
    scope.excludedColumns.filter((entry) => isMeant(whole, entry)).map((entry) => entry.column),
  );
  const columns = whole.columns.map((column) => ({
    name: column.name,
    type: column.type,
    encoding: columnEncoding(column),
    notNull: column.notNull,
    generated: column.generated,
    // A generated column is computed again on restore, and an insert that names it is refused.
    inRows: !excluded.has(column.name) && !isGenerated(column),
  }));
  return {
    table: { ...whole, columns: whole.columns.filter((_, index) => columns[index].inRows) },
    description: {
      schema: whole.schema,
      name: whole.name,
      kind: whole.kind,
      loadOrder: order,
      primaryKey: whole.primaryKey,
      columns,
    },
  };
}

function isGenerated(column: Pick<DumpColumn, "generated">): boolean {
  return column.generated === "stored" || column.generated === "virtual";
}

/**
 * A second, independent count in the same snapshot: the dump's own sum would agree with itself whatever it missed. Of all
 * that was read of the table in one go, whatever pieces it was read in.
 */
async function assertCount(session: Session, read: Piece, rows: number, signal: AbortSignal): Promise<void> {
  const [{ count }] = await session.query<{ count: string }>(pieceCountSql(read), undefined, signal);
  if (count === String(rows)) return;
  const name = tableName(read.table);
  throw new LifeboatError({
    code: "row_count_mismatch",
    kind: "permanent",
    message: `Table ${name} has ${count} rows, but ${rows} were read in the same snapshot.`,
    hint: "The dump was thrown away. Check the table for corruption (amcheck), then run the backup again.",
    operation: "dump.table",
    subject: name,
  });
}
