import type { DumpManifest, DumpMember } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import { manifestKey, mediaManifestKey } from "../format/keys.ts";
import type { Run } from "../run/run.ts";
import { putOnce } from "../store/put_once.ts";
import type { StoredObject } from "../store/object_store.ts";
import { tableName } from "../format/sql_names.ts";
import { type DocumentWork, sourceOf } from "./document_work.ts";
import { wholeLedger } from "./dump_ledger.ts";
import type { DumpDependencies } from "./dump_settings.ts";
import type { DumpDone } from "./dump_state.ts";
import type { DumpedTable } from "./dump_tables.ts";
import { assertStoredSize } from "./stored_size.ts";

/** The index and the proof of a dump, from what each invocation added to it. */
export function describeDump(
  { checksums }: DumpDependencies,
  run: Run,
  { frame, done, finishedAt }: DocumentWork,
  before: DumpDone,
  stored: StoredObject & { readonly sha256: string },
): DumpManifest {
  const members = [...before.members, ...done.members];
  return {
    format: "lifeboat-manifest",
    formatVersion: 1,
    project: run.project,
    recoveryPoint: run.recoveryPoint,
    runId: run.id,
    snapshotAt: frame.takenAt,
    finishedAt: finishedAt!,
    source: sourceOf(frame),
    dump: {
      key: stored.key,
      sizeBytes: members.reduce((sum, member) => sum + member.length, 0),
      rawBytes: members.reduce((sum, member) => sum + member.rawLength, 0),
      etag: stored.etag,
      versionId: stored.versionId ?? null,
      sha256: stored.sha256,
      membersSha256: digestOfDigests(checksums, members),
    },
    mediaManifestKey: mediaManifestKey(run.project, run.recoveryPoint),
    tables: withStoredBytes([...before.tables, ...done.tables], members),
    ledger: wholeLedger(frame, [...before.ledger, ...done.ledger]),
    members,
  };
}

function withStoredBytes(tables: readonly DumpedTable[], members: readonly DumpMember[]): DumpedTable[] {
  const bytes = new Map<string, number>();
  for (const { table, length } of members) if (table !== null) bytes.set(table, (bytes.get(table) ?? 0) + length);
  return tables.map((table) => ({ ...table, bytes: bytes.get(tableName(table)) ?? 0 }));
}

/** SHA-256 over the members' digests: proves their order and number. */
function digestOfDigests(checksums: Checksums, members: readonly DumpMember[]): string {
  const sum = checksums.sha256();
  for (const member of members) {
    sum.update(Uint8Array.from(member.sha256.match(/../g) ?? [], (hex) => parseInt(hex, 16)));
  }
  return sum.hex();
}

/** Written last: without it there is no backup. */
export async function storeManifest(
  { store, checksums }: DumpDependencies,
  manifest: DumpManifest,
  run: Run,
): Promise<string> {
  const key = manifestKey(run.project, run.recoveryPoint);
  const body = new TextEncoder().encode(JSON.stringify(manifest) + "\n");
  await run.confirm();
  await putOnce(store, checksums, key, body, { contentType: "application/json" }, run.signal);
  await assertStoredSize(store, key, body.length, run.signal);
  return key;
}
