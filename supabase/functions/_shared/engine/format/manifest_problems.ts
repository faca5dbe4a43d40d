import type { DumpManifest } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import { dumpKey, mediaManifestKey } from "./keys.ts";
import { tableName } from "./sql_names.ts";

export interface ManifestProblem {
  readonly code: "manifest_damaged" | "manifest_foreign";
  /** The end of a sentence about the manifest: "it names a table twice". */
  readonly reason: string;
}

/** A member that claims more would exhaust the reader's memory. PostgreSQL itself allows no value above 1 GB. */
const LARGEST_MEMBER_BYTES = 2 ** 30;

/**
 * Every way in which a manifest contradicts itself or the key under which it was found. A manifest that was edited must
 * not lead anybody to other objects, to overlapping bytes or to fewer rows: verify reports all of these problems, a
 * restore stops at the first.
 */
export function* manifestProblems(
  manifest: DumpManifest,
  found: { readonly project: string; readonly recoveryPoint: string },
  checksums: Checksums,
): Generator<ManifestProblem> {
  const { project, recoveryPoint } = found;
  const foreign = (reason: string): ManifestProblem => ({ code: "manifest_foreign", reason });
  if (manifest.project !== project || manifest.recoveryPoint !== recoveryPoint) {
    yield foreign(`it says that it belongs to point ${manifest.recoveryPoint} of project ${manifest.project}`);
  }
  if (manifest.dump.key !== dumpKey(project, recoveryPoint)) {
    yield foreign(`it names ${manifest.dump.key} as its dump`);
  }
  if (manifest.mediaManifestKey !== mediaManifestKey(project, recoveryPoint)) {
    yield foreign(`it names ${manifest.mediaManifestKey} as its media manifest`);
  }
  for (const reason of contradictions(manifest, checksums)) yield { code: "manifest_damaged", reason };
}

function* contradictions({ dump, members, tables }: DumpManifest, checksums: Checksums): Generator<string> {
  const names = new Set(tables.map(tableName));
  if (names.size !== tables.length) yield "it names a table twice";
  if (members.length === 0 || members[0].table !== null) yield "it does not begin with the head of the document";
  const rows = new Map<string, number>();
  const digests = checksums.sha256();
  let end = 0;
  let rawBytes = 0;
  for (const [index, member] of members.entries()) {
    const { offset, length, rawLength, sha256, table } = member;
    if (offset < end) yield `member ${index} begins inside the one before it`;
    if (offset > end) yield `${offset - end} bytes before member ${index} belong to none`;
    if (length <= 0 || rawLength <= 0) yield `member ${index} has no bytes`;
    if (rawLength > LARGEST_MEMBER_BYTES) yield `member ${index} claims ${rawLength} bytes, more than any can have`;
    if (!/^[0-9a-f]{64}$/.test(sha256)) yield `member ${index} has no checksum`;
    if (member.rows < 0) yield `member ${index} has ${member.rows} rows`;
    end = offset + length;
    rawBytes += rawLength;
    digests.update(Uint8Array.from(sha256.match(/../g) ?? [], (hex) => parseInt(hex, 16)));
    if (table === null) {
      if (member.rows !== 0) yield `member ${index} counts rows outside of a table`;
      continue;
    }
    if (!names.has(table)) yield `member ${index} belongs to ${table}, which is not among its tables`;
    if (rows.has(table) && members[index - 1]?.table !== table) yield `members of ${table} stand in two places`;
    rows.set(table, (rows.get(table) ?? 0) + member.rows);
  }
  if (end !== dump.sizeBytes) yield `its members end at byte ${end}, but the dump has ${dump.sizeBytes}`;
  if (rawBytes !== dump.rawBytes) yield `its members hold ${rawBytes} bytes of JSON, not ${dump.rawBytes}`;
  if (digests.hex() !== dump.membersSha256) yield "its members are not those that were written (membersSha256)";
  for (const table of tables) {
    const name = tableName(table);
    const counted = rows.get(name);
    if (counted === undefined) yield `table ${name} has no member`;
    else if (counted !== table.rows) yield `it gives table ${name} ${table.rows} rows, its members ${counted}`;
    if (!/^-?\d{1,40}$/.test(table.digest)) yield `table ${name} has no digest`;
  }
}
