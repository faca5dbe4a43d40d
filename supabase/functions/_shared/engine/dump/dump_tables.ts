import type { DumpManifest, LedgerEntry, RunProgress } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { ROW_SEPARATOR, tableHead, tableTail } from "../format/dump_document.ts";
import { type Budget, unlimitedBudget } from "../run/budget.ts";
import type { CatalogueTable, DumpScope } from "../catalogue/catalogue.ts";
import { tableName } from "../format/sql_names.ts";
import { readCopyTuples } from "./copy_tuples.ts";
import { describeTable, excludedColumns } from "./describe_table.ts";
import { loadOrder } from "./load_order.ts";
import type { MemberWriter } from "./member_writer.ts";
import { describeRefusedRows, type RefusedRows, refuseRow } from "./oversize_row.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { type Piece, TABLE_START } from "./piece.ts";
import { readTablePages, TablePieces } from "./table_pieces.ts";
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
export interface TableSum extends RefusedRows {
  rows: number;
  digest: string;
  rawBytes: number;
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
  /** Tables that were finished by this call. Their `bytes` follow from the members. */
  readonly tables: DumpedTable[];
  /** Rows refused for their size, columns excluded. */
  readonly ledger: LedgerEntry[];
  /** False when the budget was spent before the last table. */
  readonly finished: boolean;
}

const encoder = new TextEncoder();
const separator = encoder.encode(ROW_SEPARATOR);

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
    ledger.push(
      ...excludedColumns(name, description),
      ...await describeRefusedRows(session, table, sum, maxRowBytes, signal),
    );
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
      if (tuple.oversize !== null) refuseRow(sum, tuple.oversize);
      if (tuple.rows === 0) continue;
      await writer.write(tuple.lines, tuple.rows, sum.rows > 0 ? separator : undefined);
      sum.rows += tuple.rows;
      digest += tuple.digest;
      sum.rawBytes += tuple.lines.length;
      tell();
    }
    sum.digest = digest.toString();
  }
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
