import type { DumpColumn, DumpTable, LedgerEntry } from "../../contract/mod.ts";
import { type CatalogueTable, type DumpScope, isMeant } from "../catalogue/catalogue.ts";
import { columnEncoding } from "../format/column_encoding.ts";

/** The table as the rows hold it (`table`: without generated and excluded columns) and as the document describes it. */
export function describeTable(
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

/** What the rows lack because the owner asked for that. */
export function excludedColumns(name: string, { columns }: DumpTable): LedgerEntry[] {
  return columns.filter((column) => !column.inRows && !isGenerated(column)).map((column) => ({
    kind: "column",
    identity: `${name}.${column.name}`,
    reason: "excluded by BACKUP_EXCLUDE",
    severity: "expected" as const,
  }));
}

function isGenerated(column: Pick<DumpColumn, "generated">): boolean {
  return column.generated === "stored" || column.generated === "virtual";
}
