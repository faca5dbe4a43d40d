import type { ManifestTable } from "../format/manifest.ts";
import { cutRows } from "../format/rows.ts";
import { tableName } from "../format/sql_names.ts";
import type { OpenPoint } from "./open_point.ts";
import { placedMembers, type PointReader, readMembers } from "./read_members.ts";

/** The rows of one member: JSON objects, each on a line of its own, separated by `,\n`. */
export interface RowBlock {
  /** Position of the member in the manifest, counted from 0. */
  readonly member: number;
  readonly rows: number;
  readonly lines: Uint8Array<ArrayBuffer>;
}

/**
 * Yields the rows of one table, member by member, each after it was checked. `only` limits the members to these
 * positions in the manifest. Fetches nothing but this table's bytes. Throws `backup_damaged` and the store's errors.
 */
export async function* readTableRows(
  reader: PointReader,
  { manifest, dump }: OpenPoint,
  table: ManifestTable,
  options: { readonly only?: ReadonlySet<number> } = {},
  signal?: AbortSignal,
): AsyncGenerator<RowBlock> {
  const wanted = placedMembers(manifest, tableName(table)).filter(({ index }) => options.only?.has(index) ?? true);
  for await (const { raw, ...placed } of readMembers(reader, manifest, dump, wanted, signal)) {
    const lines = cutRows(manifest, table, placed, raw);
    const { rows } = placed.member;
    if (rows > 0) yield { member: placed.index, rows, lines };
  }
}
