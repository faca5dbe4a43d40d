import { asLifeboatError } from "../errors.ts";
import { guideKey } from "../format/keys.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import { claimOwnership } from "../store/ownership.ts";
import { describeDump, storeManifest } from "./dump_manifest.ts";
import { outcomeOf } from "./dump_outcome.ts";
import type { DumpDependencies, DumpSettings } from "./dump_settings.ts";
import { openSnapshot } from "./snapshot.ts";
import { writeDump } from "./write_dump.ts";

/**
 * Called with the snapshot while it is open, to read more of the same moment in another session (the object list). What
 * it throws becomes a warning of the run.
 */
export type SnapshotReader = (snapshotId: string, signal: AbortSignal) => Promise<void>;

/**
 * Writes one recovery point's dump and, when that lies in the bucket whole, its manifest. Returns only on positive proof:
 * every count equal to one of its own, the stored size equal to the bytes sent. Throws LifeboatErrors; nothing that was
 * stored before is touched, and without its manifest a half-written dump is no backup.
 */
export async function backupDatabase(
  dependencies: DumpDependencies,
  settings: DumpSettings,
  run: Run,
  readSnapshot?: SnapshotReader,
): Promise<RunOutcome> {
  const { database, store, clock } = dependencies;
  const { signal } = run;
  const warnings: string[] = [];
  run.report({ phase: "preparing" });
  await claimOwnership(store, { project: run.project, projectUrl: settings.projectUrl }, clock.now(), signal);
  await store.put(guideKey, new TextEncoder().encode(settings.recoveryGuide), {
    contentType: "text/markdown; charset=utf-8",
  }, signal);

  const snapshot = await openSnapshot(database, settings.scope, settings.lockTimeoutMs, signal);
  try {
    if (readSnapshot) {
      await readSnapshot(snapshot.snapshotId, signal).catch((error) => {
        if (signal.aborted) throw error;
        warnings.push(`The list of files could not be read in the dump's snapshot: ${asLifeboatError(error).message}`);
      });
    }
    const written = await writeDump(dependencies, settings, run, snapshot);
    const manifest = describeDump(run, snapshot, written, clock.now());
    const stored = await storeManifest(dependencies, manifest, run);
    return outcomeOf(manifest, stored, warnings);
  } finally {
    await snapshot.session.close();
  }
}
