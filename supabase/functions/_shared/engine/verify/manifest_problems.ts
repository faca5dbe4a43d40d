import type { BackupHistoryRow, DumpManifest } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import { dumpKey, mediaManifestKey } from "../format/keys.ts";
import { tableName } from "./dump_language.ts";

export interface ManifestProblem {
  readonly code: "manifest_damaged" | "manifest_foreign";
  readonly reason: string;
}

/**
 * Every way in which a manifest contradicts itself, its own key, or what the history says of the run: one that was edited
 * must not lead a restore to other objects, overlapping bytes or fewer rows.
 */
export function* manifestProblems(
  manifest: DumpManifest,
  expected: { readonly project: string; readonly recoveryPoint: string; readonly row: BackupHistoryRow | null },
  checksums: Checksums,
): Generator<ManifestProblem> {
  const { project, recoveryPoint, row } = expected;
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
  if (row) { for (const reason of differences(manifest, row)) yield { code: "manifest_damaged", reason }; }
}

function* contradictions({ dump, members, tables }: DumpManifest, checksums: Checksums): Generator<string> {
  const names = new Set(tables.map(tableName));
  if (names.size !== tables.length) yield "it names a table twice";
  const rows = new Map<string, number>();
  const digests = checksums.sha256();
  let end = 0;
  let rawBytes = 0;
  for (const [index, member] of members.entries()) {
    if (member.offset < end) yield `member ${index} begins inside the one before it`;
    if (member.offset > end) yield `${member.offset - end} bytes before member ${index} belong to none`;
    if (member.length <= 0 || member.rawLength <= 0) yield `member ${index} has no bytes`;
    if (!/^[0-9a-f]{64}$/.test(member.sha256)) yield `member ${index} has no checksum`;
    if (member.table !== null && !names.has(member.table)) {
      yield `member ${index} belongs to ${member.table}, which is not among its tables`;
    }
    end = member.offset + member.length;
    rawBytes += member.rawLength;
    digests.update(Uint8Array.from(member.sha256.match(/../g) ?? [], (hex) => parseInt(hex, 16)));
    if (member.table !== null) rows.set(member.table, (rows.get(member.table) ?? 0) + member.rows);
  }
  if (end !== dump.sizeBytes) yield `its members end at byte ${end}, but the dump has ${dump.sizeBytes}`;
  if (rawBytes !== dump.rawBytes) yield `its members hold ${rawBytes} bytes of JSON, not ${dump.rawBytes}`;
  if (digests.hex() !== dump.membersSha256) yield "its members are not those that were written (membersSha256)";
  for (const table of tables) {
    const counted = rows.get(tableName(table));
    if (counted === undefined) yield `table ${tableName(table)} has no member`;
    else if (counted !== table.rows) {
      yield `it gives table ${tableName(table)} ${table.rows} rows, its members ${counted}`;
    }
    if (!/^-?\d{1,40}$/.test(table.digest)) yield `table ${tableName(table)} has no digest`;
  }
}

function* differences({ dump, tables }: DumpManifest, row: BackupHistoryRow): Generator<string> {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const compared: [string, number, number | null][] = [
    ["tables", tables.length, row.tables],
    ["rows", rows, row.rows],
    ["bytes", dump.sizeBytes, row.bytes],
    ["bytes of JSON", dump.rawBytes, row.raw_bytes],
  ];
  for (const [what, found, recorded] of compared) {
    if (recorded !== null && found !== Number(recorded)) {
      yield `it counts ${found} ${what}, but the history ${recorded}`;
    }
  }
  const checksum = dump.sha256 && `sha256:${dump.sha256}`;
  if (checksum && row.checksum && checksum !== row.checksum) yield "its checksum of the dump is not the history's";
}
