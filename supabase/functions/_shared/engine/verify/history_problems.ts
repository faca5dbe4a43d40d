import type { BackupHistoryRow, DumpManifest } from "../../contract/mod.ts";
import type { ManifestProblem } from "../format/manifest_problems.ts";

/** Every way in which a manifest contradicts what the history says of the run that wrote it. */
export function* historyProblems(manifest: DumpManifest, row: BackupHistoryRow | null): Generator<ManifestProblem> {
  if (row) { for (const reason of differences(manifest, row)) yield { code: "manifest_damaged", reason }; }
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
