import { type DumpManifest, type DumpMember, dumpTable } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Decompressor } from "../decompression.ts";

type ManifestTable = DumpManifest["tables"][number];

/** What the document says of itself before the first table. */
export interface DocumentHead {
  readonly format: unknown;
  readonly project: unknown;
  readonly recoveryPoint: unknown;
}

export interface MemberContent {
  readonly rows: number;
  /** Sum of the digests of its row lines. */
  readonly digest: bigint;
}

/** Why a member is damaged, as the end of a sentence. */
export class MemberDamage extends Error {
  constructor(readonly code: "checksum_differs" | "undecodable" | "count_differs", reason: string) {
    super(reason);
  }
}

const LINE_BREAK = 10;
const COMMA = 44;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a member, proved by its checksum and decompressed. Throws MemberDamage. */
export async function unpackMember(
  { checksums, decompressor }: { readonly checksums: Checksums; readonly decompressor: Decompressor },
  member: DumpMember,
  stored: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const sum = checksums.sha256();
  sum.update(stored);
  if (sum.hex() !== member.sha256) {
    throw new MemberDamage("checksum_differs", "its bytes are not those that were written (SHA-256)");
  }
  let raw;
  try {
    raw = await decompressor.gunzip(stored, member.rawLength);
  } catch (cause) {
    throw new MemberDamage(
      "undecodable",
      `it cannot be decompressed (${cause instanceof Error ? cause.message : cause})`,
    );
  }
  if (raw.length === member.rawLength) return raw;
  throw new MemberDamage("undecodable", `it holds ${raw.length} bytes of JSON, not ${member.rawLength}`);
}

/**
 * Reads the part of a table that a member holds: rows one to a line, separated by `,\n`; before the first stands the
 * description of the table, after the last `]}`. Throws MemberDamage.
 */
export function readRows(
  raw: Uint8Array<ArrayBuffer>,
  member: DumpMember,
  table: ManifestTable,
  isFirst: boolean,
  checksums: Checksums,
): MemberContent {
  let rows = 0;
  let digest = 0n;
  let isDescription = isFirst;
  for (const line of linesOf(raw)) {
    const text = decode(line);
    if (isDescription) {
      assertDescribed(text, table);
      isDescription = false;
      continue;
    }
    // What is left of a separator, or the end of the table.
    if (text === "" || text === "]}") continue;
    assertRow(text);
    const sum = checksums.sha256();
    sum.update(line);
    digest += BigInt.asIntN(64, BigInt(`0x${sum.hex().slice(0, 16)}`));
    rows++;
  }
  if (rows !== member.rows) throw new MemberDamage("count_differs", `it holds ${rows} rows, not ${member.rows}`);
  return { rows, digest };
}

/** Reads what stands before the tables. Throws MemberDamage. */
export function readHead(raw: Uint8Array<ArrayBuffer>): DocumentHead {
  const text = decode(raw).trimEnd();
  if (!text.endsWith('"tables":{')) throw new MemberDamage("undecodable", "the document does not begin as it should");
  return parse(`${text}}}`) as unknown as DocumentHead;
}

/** Reads what stands after the tables. Throws MemberDamage. */
export function readTail(raw: Uint8Array<ArrayBuffer>): void {
  parse(`{"tables":{${decode(raw)}`);
}

/** The lines of a block, without their line break and the comma before it. */
function* linesOf(block: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < block.length;) {
    const found = block.indexOf(LINE_BREAK, start);
    const end = found < 0 ? block.length : found;
    yield block.subarray(start, end > start && block[end - 1] === COMMA ? end - 1 : end);
    start = end + 1;
  }
}

function assertDescribed(head: string, table: ManifestTable): void {
  const found = dumpTable.safeParse(Object.values(parse(`{${head}]}}`))[0]);
  if (found.success && JSON.stringify(found.data) === JSON.stringify(dumpTable.parse(table))) return;
  throw new MemberDamage("undecodable", "it describes its table in another way than the manifest does");
}

function assertRow(text: string): void {
  if (!text.startsWith("{")) throw new MemberDamage("undecodable", "one of its lines is not a row");
  parse(text);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new MemberDamage("undecodable", "it is not UTF-8");
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new MemberDamage("undecodable", "it holds a line that is not JSON");
  }
}
