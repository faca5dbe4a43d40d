import type { DumpManifest } from "../../contract/mod.ts";
import { manifestKey, mediaManifestKey } from "../format/keys.ts";
import type { Run } from "../run/run.ts";
import { putOnce } from "../store/put_once.ts";
import type { DumpDependencies } from "./dump_settings.ts";
import type { Snapshot } from "./snapshot.ts";
import { assertStored } from "./stored_size.ts";
import type { WrittenDump } from "./write_dump.ts";

export function sourceOf(snapshot: Snapshot): DumpManifest["source"] {
  const { serverVersion, serverVersionNumber, encoding } = snapshot;
  return { serverVersion, serverVersionNumber, encoding };
}

/** The index and the proof of a dump. */
export function describeDump(run: Run, snapshot: Snapshot, written: WrittenDump, now: Date): DumpManifest {
  const { stored } = written;
  return {
    format: "lifeboat-manifest",
    formatVersion: 1,
    project: run.project,
    recoveryPoint: run.recoveryPoint,
    runId: run.id,
    snapshotAt: snapshot.takenAt,
    finishedAt: now.toISOString(),
    source: sourceOf(snapshot),
    dump: {
      key: stored.key,
      sizeBytes: written.members.reduce((sum, member) => sum + member.length, 0),
      rawBytes: written.members.reduce((sum, member) => sum + member.rawLength, 0),
      etag: stored.etag,
      versionId: stored.versionId ?? null,
      sha256: stored.sha256,
      membersSha256: written.membersSha256,
    },
    mediaManifestKey: mediaManifestKey(run.project, run.recoveryPoint),
    tables: written.tables,
    ledger: written.ledger,
    members: written.members,
  };
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
  await assertStored(store, key, body.length, run.signal);
  return key;
}
