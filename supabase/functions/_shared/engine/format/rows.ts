import { type DumpManifest, dumpTable } from "../../contract/mod.ts";
import { type Checksums, sha256Hex } from "../checksum.ts";
import { ROW_SEPARATOR, tableTail } from "./dump_document.ts";
import type { ManifestTable } from "./manifest.ts";
import { BackupDamage, describeMember, type PlacedMember } from "./member.ts";

const encoder = new TextEncoder();
const SEPARATOR = encoder.encode(ROW_SEPARATOR);
const TAILS = [false, true].map((last) => encoder.encode(tableTail(last)));
const NEWLINE = 10;

/**
 * Cuts the rows out of a member of a table. The rows are JSON objects, each on a line of its own, separated by `,\n`.
 * Throws BackupDamage when their number is not the manifest's, when the table's description before the first row
 * differs from the manifest's, or when the end of the table is missing behind the last row.
 */
export function cutRows(
  manifest: DumpManifest,
  table: ManifestTable,
  placed: PlacedMember,
  raw: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { member, index } = placed;
  const damage = (kind: "undecodable" | "count_differs", reason: string, cause?: unknown) =>
    new BackupDamage(describeMember(manifest, placed), kind, reason, cause);
  let lines = raw;
  if (manifest.members[index - 1]?.table !== member.table) {
    const end = lines.indexOf(NEWLINE) + 1;
    const why = differenceOfDescription(table, lines.subarray(0, end));
    if (why) throw damage("undecodable", why);
    lines = lines.subarray(end);
  }
  if (manifest.members[index + 1]?.table !== member.table) {
    const tail = TAILS.find((tail) => endsWith(lines, tail));
    if (!tail) throw damage("undecodable", "the end of its table is missing");
    lines = lines.subarray(0, lines.length - tail.length);
  }
  if (startsWith(lines, SEPARATOR)) lines = lines.subarray(SEPARATOR.length);
  if (endsWith(lines, SEPARATOR)) lines = lines.subarray(0, lines.length - SEPARATOR.length);
  const rows = countLines(lines);
  if (rows !== member.rows) throw damage("count_differs", `it holds ${rows} rows, not ${member.rows}`);
  return lines;
}

/** Yields each row in the result of `cutRows`, without its separator. */
export function* eachRow(lines: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < lines.length;) {
    const newline = lines.indexOf(NEWLINE, start);
    // The byte before the line break is the comma of the separator.
    yield lines.subarray(start, newline < 0 ? lines.length : newline - 1);
    if (newline < 0) return;
    start = newline + 1;
  }
}

/**
 * The first 64 bits of the row's SHA-256 as a signed integer. `tableDigestSql` adds up the same numbers in the
 * database.
 */
export function rowDigest(checksums: Checksums, row: Uint8Array<ArrayBuffer>): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sha256Hex(checksums, row).slice(0, 16)}`));
}

/**
 * How the table's description in the document differs from the one in the manifest, as the end of a sentence; undefined
 * when they are equal. `line` is the line before the table's rows: `"name":{…,"rows":[`.
 */
function differenceOfDescription(table: ManifestTable, line: Uint8Array): string | undefined {
  let found: unknown;
  try {
    found = Object.values(JSON.parse(`{${new TextDecoder("utf-8", { fatal: true }).decode(line)}]}}`))[0];
  } catch {
    return "the description of its table is not JSON";
  }
  const described = dumpTable.safeParse(found);
  if (described.success && JSON.stringify(described.data) === JSON.stringify(dumpTable.parse(table))) return undefined;
  return "it describes its table in another way than the manifest does";
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
