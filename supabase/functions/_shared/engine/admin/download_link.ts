import type { AdminRequest, BackupHistoryRow, DownloadAnswer } from "../../contract/mod.ts";
import { dumpKey, GUIDE_KEY, manifestKey, mediaManifestKey, r2InventoryKey } from "../format/keys.ts";
import { withSession } from "../maintenance/with_session.ts";
import type { AdminDependencies } from "./admin_dependencies.ts";
import { type Actor, writeAudit } from "./audit_log.ts";
import { findRun } from "./find_run.ts";

export type DownloadRequest = Extract<AdminRequest, { action: "download" }>;

/** How long a link is valid. A download only has to begin within that time; S3 lets it go on afterwards. */
const LINK_SECONDS = 300;

/**
 * Keys are made from the run's recovery point. The history's own keys are not used, since others may write to that
 * table.
 */
const keyOf: Readonly<Record<DownloadRequest["file"], (project: string, point: string) => string>> = {
  dump: dumpKey,
  manifest: manifestKey,
  mediaManifest: mediaManifestKey,
  r2Inventory: r2InventoryKey,
  recoveryGuide: () => GUIDE_KEY,
};

/**
 * Makes a link to a file of the run's recovery point, valid for five minutes, and records that in the audit log first.
 * Throws `run_unknown`, `object_missing` when the store has no such file, and what database and store throw.
 */
export async function downloadLink(
  dependencies: AdminDependencies,
  request: DownloadRequest,
  actor: Actor,
  signal?: AbortSignal,
): Promise<DownloadAnswer> {
  const { database, store, links, clock, project } = dependencies;
  return await withSession(database, async (session) => {
    const run: BackupHistoryRow = await findRun(session, project, request.runId, signal);
    const key = keyOf[request.file](project, run.recovery_point);
    const { sizeBytes, contentType = "application/octet-stream" } = await store.head(key, {}, signal);
    const details = { runId: run.id, file: request.file, recoveryPoint: run.recovery_point };
    await writeAudit(session, { actor, action: "download", target: key, details }, signal);
    const fileName = key.slice(key.lastIndexOf("/") + 1);
    const at = clock.now();
    const url = await links.sign(key, { fileName, contentType, lastsSeconds: LINK_SECONDS, at });
    // A signed link holds its time in whole seconds.
    const expiresAt = new Date(Math.floor(at.getTime() / 1000) * 1000 + LINK_SECONDS * 1000).toISOString();
    return { url, fileName, sizeBytes, contentType, expiresAt };
  }, signal);
}
