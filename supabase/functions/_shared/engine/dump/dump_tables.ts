import type { DumpColumn, DumpManifest, DumpTable, LedgerEntry, RunProgress } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { rowSeparator, tableHead, tableTail } from "../format/dump_document.ts";
import { type CatalogueTable, type DumpScope, isMeant, quoteTable, tableName } from "./catalogue.ts";
import { columnEncoding } from "./column_encoding.ts";
import { readCopyTuples } from "./copy_tuples.ts";
import { loadOrder } from "./load_order.ts";
import type { MemberWriter } from "./member_writer.ts";
import { describeOversizeRow } from "./oversize_row.ts";
import { wholeTable } from "./piece.ts";
import { pieceCopySql } from "./table_query.ts";

export type DumpedTable = DumpManifest["tables"][number];

export interface DumpTablesResult {
  readonly tables: DumpedTable[];
  /** Rows refused for their size, columns excluded. */
  readonly ledger: LedgerEntry[];
}

/** Ledger entries per table for refused rows: the thousandth says no more than the hundredth. */
const MOST_REFUSED_ROWS = 100;
const encoder = new TextEncoder();
const separator = encoder.encode(rowSeparator);

/** Writes every table of the snapshot into the document, and proves each count against one of its own. */
export async function dumpTables(
  session: Session,
  tables: readonly CatalogueTable[],
  scope: DumpScope,
  writer: MemberWriter,
  maxRowBytes: number,
  report: (progress: RunProgress) => void,
  signal: AbortSignal,
): Promise<DumpTablesResult> {
  const order = loadOrder(tables);
  const ledger: LedgerEntry[] = [];
  const dumped: DumpedTable[] = [];
  const rowsEstimated = Math.round(tables.reduce((sum, table) => sum + table.estimatedRows, 0));
  let rowsDone = 0;
  let bytesDone = 0;

  for (const [index, whole] of tables.entries()) {
    const name = tableName(whole);
    const { table, description } = describeTable(whole, scope, order.get(whole.oid) ?? 0);
    ledger.push(
      ...description.columns.filter((column) => !column.inRows && !isGenerated(column)).map((column) => ({
        kind: "column",
        identity: `${name}.${column.name}`,
        reason: "excluded by BACKUP_EXCLUDE",
        severity: "expected" as const,
      })),
    );

    await writer.begin(name);
    await writer.write(encoder.encode(tableHead(name, description)));
    let rows = 0;
    let digest = 0n;
    let rawBytes = 0;
    const refused: string[] = [];
    for await (const tuple of readCopyTuples(session.copyOut(pieceCopySql(wholeTable(table), maxRowBytes), signal))) {
      if (tuple.oversize !== null) refused.push(tuple.oversize);
      if (tuple.rows === 0) continue;
      await writer.write(tuple.lines, tuple.rows, rows > 0 ? separator : undefined);
      rows += tuple.rows;
      digest += tuple.digest;
      rawBytes += tuple.lines.length;
      report({
        phase: "rows",
        tablesDone: index,
        tablesTotal: tables.length,
        currentTable: name,
        rowsDone: rowsDone + rows,
        rowsEstimated,
        bytesDone: bytesDone + rawBytes,
      });
    }
    await writer.write(encoder.encode(tableTail(index === tables.length - 1)));
    await assertCount(session, table, rows + refused.length, signal);
    for (const place of refused.slice(0, MOST_REFUSED_ROWS)) {
      ledger.push(await describeOversizeRow(session, table, place, maxRowBytes, signal));
    }
    if (refused.length > MOST_REFUSED_ROWS) {
      ledger.push({
        kind: "row",
        identity: name,
        reason: `value_too_large: ${refused.length - MOST_REFUSED_ROWS} further rows of this table are too large`,
        severity: "missing",
      });
    }
    dumped.push({ ...description, rows, rawBytes, bytes: 0, digest: digest.toString() });
    rowsDone += rows;
    bytesDone += rawBytes;
  }
  await writer.begin(null);
  const bytes = new Map<string, number>();
  for (const member of writer.members) {
    if (member.table !== null) bytes.set(member.table, (bytes.get(member.table) ?? 0) + member.length);
  }
  return { tables: dumped.map((table) => ({ ...table, bytes: bytes.get(tableName(table)) ?? 0 })), ledger };
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

/** A second, independent count in the same snapshot: the dump's own sum would agree with itself whatever it missed. */
async function assertCount(session: Session, table: CatalogueTable, rows: number, signal: AbortSignal): Promise<void> {
  const [{ count }] = await session.query<{ count: string }>(
    `select pg_catalog.count(*)::text as count from only ${quoteTable(table)}`,
    undefined,
    signal,
  );
  if (count === String(rows)) return;
  throw new LifeboatError({
    code: "row_count_mismatch",
    kind: "permanent",
    message: `Table ${tableName(table)} has ${count} rows, but ${rows} were read in the same snapshot.`,
    hint: "The dump was thrown away. Check the table for corruption (amcheck), then run the backup again.",
    operation: "dump.table",
    subject: tableName(table),
  });
}
