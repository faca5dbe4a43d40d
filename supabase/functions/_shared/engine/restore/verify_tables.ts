import { backupDamaged } from "./backup_damaged.ts";
import { tableName } from "../format/sql_names.ts";
import type { OpenPoint } from "../points/open_point.ts";
import type { PointReader } from "../points/read_members.ts";
import { eachRow, rowDigest } from "../format/rows.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { readTableRows } from "../points/read_rows.ts";

/**
 * Reads everything that a restore will use before it writes anything: each member's bytes, each table's number of rows,
 * and the digest that the database computed in the dump's snapshot. This reads the dump twice, but a damaged member
 * that shows up half-way through the load would have cost the target. Throws `backup_damaged` with member and table.
 */
export async function verifyTables(
  reader: PointReader,
  point: OpenPoint,
  tables: readonly ManifestTable[],
  report: (done: { readonly tables: number; readonly rows: number; readonly table: string }) => void,
  signal?: AbortSignal,
): Promise<void> {
  let rowsDone = 0;
  for (const [done, table] of tables.entries()) {
    const name = tableName(table);
    let rows = 0;
    let digest = 0n;
    for await (const block of readTableRows(reader, point, table, {}, signal)) {
      for (const row of eachRow(block.lines)) digest += rowDigest(reader.checksums, row);
      rows += block.rows;
      report({ tables: done, rows: rowsDone + rows, table: name });
    }
    rowsDone += rows;
    if (rows !== table.rows) throw backupDamaged(name, `table ${name} has ${rows} rows, not ${table.rows}`);
    if (digest.toString() !== table.digest) {
      throw backupDamaged(name, `the rows of table ${name} are not those that the database had (their digest differs)`);
    }
  }
}
