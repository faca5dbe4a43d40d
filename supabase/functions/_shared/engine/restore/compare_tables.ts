import type { Session } from "../database.ts";
import { tableDigestSql } from "../format/row_line.ts";
import { tableName } from "../format/sql_names.ts";
import type { TablePlan } from "./plan.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { readTables } from "./target.ts";

/** A table of the target, compared with the backup's manifest. */
export interface TableComparison {
  readonly table: string;
  /** `rows`: only the number was compared, since not every column was restored. `kept`: the table already held rows. */
  readonly compared: "digest" | "rows" | "kept";
  readonly expectedRows: number;
  readonly foundRows: number;
  readonly equal: boolean;
}

/**
 * Reads every table back and compares it with the count and digest from the dump's snapshot. Reads only and may be
 * repeated. The session must have been prepared by `prepareSession`.
 */
export async function compareTables(
  session: Session,
  tables: readonly { readonly planned: TablePlan; readonly table: ManifestTable }[],
  report: (done: number, table: string) => void,
  signal?: AbortSignal,
): Promise<TableComparison[]> {
  const schemas = [...new Set(tables.map(({ table }) => table.schema))];
  const there = new Map((await readTables(session, schemas, false, signal)).map((table) => [tableName(table), table]));
  const comparisons: TableComparison[] = [];
  for (const { planned, table } of tables) {
    const name = tableName(table);
    const found = there.get(name);
    report(comparisons.length, name);
    if (!found) {
      comparisons.push({ table: name, compared: "rows", expectedRows: table.rows, foundRows: 0, equal: false });
      continue;
    }
    const byName = new Map(found.columns.map((column) => [column.name, column]));
    const inRows = table.columns.filter((column) => column.inRows);
    // The digest is of lines with the columns in the backup's order.
    const columns = inRows.flatMap(({ name }) => byName.get(name) ?? []);
    const [row] = await session.query<{ rows: string; digest: string }>(
      tableDigestSql({ ...found, columns }),
      undefined,
      signal,
    );
    const compared = planned.existingRows === "keep"
      ? "kept"
      : planned.columns.length < inRows.length
      ? "rows"
      : "digest";
    const foundRows = Number(row.rows);
    comparisons.push({
      table: name,
      compared,
      expectedRows: table.rows,
      foundRows,
      equal: compared === "kept"
        ? foundRows >= table.rows
        : foundRows === table.rows && (compared === "rows" || row.digest === table.digest),
    });
  }
  return comparisons;
}
