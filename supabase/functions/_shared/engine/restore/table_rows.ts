import { type DumpManifest, dumpTable } from "../../contract/mod.ts";
import { backupDamaged } from "./backup_damaged.ts";
import { tableName } from "./dump_language.ts";
import { readMembers } from "./read_members.ts";
import type { OpenPoint, PointReader } from "./read_point.ts";

export type ManifestTable = DumpManifest["tables"][number];

/** The rows of one member: JSON objects, one to a line, separated by `,\n`. */
export interface RowBlock {
  readonly member: number;
  readonly rows: number;
  readonly lines: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const SEPARATOR = encoder.encode(",\n");
const TAILS = ["\n]},\n", "\n]}\n"].map((tail) => encoder.encode(tail));
const NEWLINE = 10;

/**
 * The rows of one table, member by member, each checked before it is yielded: its bytes, and that they are as many rows as
 * the manifest says. The description of the table inside the dump has to be the one in the manifest. `only` names
 * members by their place in the manifest. Fetches nothing but this table's bytes.
 */
export async function* readTableRows(
  reader: PointReader,
  point: OpenPoint,
  table: ManifestTable,
  options: { readonly only?: ReadonlySet<number> } = {},
  signal?: AbortSignal,
): AsyncGenerator<RowBlock> {
  const name = tableName(table);
  const all = membersOf(point, table);
  const first = all[0]?.index;
  const last = all.at(-1)?.index;
  const wanted = all.filter(({ index }) => options.only?.has(index) ?? true).map(({ member }) => member);
  for await (const { member, index, bytes } of readMembers(reader, point, wanted, signal)) {
    let lines = bytes;
    if (index === first) {
      const end = lines.indexOf(NEWLINE) + 1;
      assertDescribed(table, new TextDecoder().decode(lines.subarray(0, end)));
      lines = lines.subarray(end);
    }
    if (index === last) {
      const tail = TAILS.find((tail) => endsWith(lines, tail));
      if (!tail) throw backupDamaged(name, `the end of table ${name} is missing`);
      lines = lines.subarray(0, lines.length - tail.length);
    }
    if (startsWith(lines, SEPARATOR)) lines = lines.subarray(SEPARATOR.length);
    if (endsWith(lines, SEPARATOR)) lines = lines.subarray(0, lines.length - SEPARATOR.length);
    const rows = countLines(lines);
    if (rows !== member.rows) {
      throw backupDamaged(name, `member ${index} holds ${rows} rows of ${name}, not ${member.rows}`);
    }
    if (rows > 0) yield { member: index, rows, lines };
  }
}

/** The members of a table with their places in the manifest. */
export function membersOf({ manifest }: OpenPoint, table: ManifestTable) {
  const name = tableName(table);
  return manifest.members.flatMap((member, index) => member.table === name ? [{ member, index }] : []);
}

/** The lines of a block without their separators. */
export function* linesOf(block: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf(NEWLINE, start);
    // Before the line break stands a comma.
    yield block.subarray(start, newline < 0 ? block.length : newline - 1);
    if (newline < 0) return;
    start = newline + 1;
  }
}

/** `"name":{…,"rows":[` is the head; the manifest repeats what stands in it. */
function assertDescribed(table: ManifestTable, head: string): void {
  const name = tableName(table);
  let found: unknown;
  try {
    found = Object.values(JSON.parse(`{${head}]}}`))[0];
  } catch (cause) {
    throw backupDamaged(name, `the head of table ${name} is not JSON`, cause);
  }
  const described = dumpTable.safeParse(found);
  if (described.success && JSON.stringify(described.data) === JSON.stringify(dumpTable.parse(table))) return;
  throw backupDamaged(name, `the dump describes table ${name} in another way than the manifest does`);
}

function countLines(lines: Uint8Array): number {
  if (lines.length === 0) return 0;
  let count = 1;
  for (let at = lines.indexOf(NEWLINE); at >= 0; at = lines.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.length >= end.length && startsWith(bytes.subarray(bytes.length - end.length), end);
}
