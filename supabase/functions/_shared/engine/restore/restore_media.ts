import { asLifeboatError, hasCode, LifeboatError } from "../errors.ts";
import { mediaManifestKey } from "../format/keys.ts";
import { backupChanged } from "./backup_damaged.ts";
import { eachAtOnce } from "../each_at_once.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { readPointMedia } from "./media_scope.ts";
import { openObject } from "./object_bytes.ts";
import type { MediaPlan, PlanEntry, RestorePlan } from "./plan.ts";
import { bucketOf, REQUESTS_AT_ONCE, storageOf } from "./plan_media.ts";
import type { ReportProgress, RestoreDependencies } from "./restore_dependencies.ts";
import type { MediaReport } from "./restore_report.ts";
import { growingDelayMs, retry } from "../retry.ts";
import { findPresence } from "./same_object.ts";

const ATTEMPTS = 4;

/**
 * Restores buckets and files of a plan through the Storage API, since rows in `storage.objects` alone would be files
 * that nobody can download. An equal file is not sent again, so a restore that was cut off continues. A file that
 * cannot be restored is listed in `failed` and does not stop the others; an outage ends the restore.
 */
export async function restoreMedia(
  dependencies: RestoreDependencies,
  plan: RestorePlan & { readonly media: MediaPlan },
  report: ReportProgress,
  signal?: AbortSignal,
): Promise<MediaReport> {
  const point = { project: plan.project, point: plan.recoveryPoint };
  const media = await readPointMedia(dependencies, point, plan.request, signal);
  if (media.manifestSha256 !== plan.media.manifestSha256) {
    throw backupChanged(mediaManifestKey(point.project, point.point));
  }
  const storage = storageOf(dependencies);
  const there = new Set((await storage.buckets(signal)).map(({ id }) => id));
  const missing = media.buckets.filter(({ id }) => !there.has(id));
  for (const bucket of missing) await storage.createBucket(bucketOf(bucket), signal);

  const counts = { uploaded: 0, unchanged: 0, kept: 0, bytesUploaded: 0 };
  const failed: PlanEntry[] = [];
  const created = new Set(missing.map(({ id }) => id));
  const absent = new Set(plan.notRestored.filter(({ kind }) => kind === "file").map(({ identity }) => identity));
  let filesDone = 0;
  let bytesDone = 0;
  await eachAtOnce(media.objects, REQUESTS_AT_ONCE, async (object) => {
    const identity = `${object.bucket}/${object.path}`;
    // The plan has reported this file already.
    if (absent.has(identity)) return;
    try {
      const existing = plan.request.existing ?? "refuse";
      const what = await restoreObject(dependencies, object, existing, created.has(object.bucket), signal);
      counts[what]++;
      if (what === "uploaded") counts.bytesUploaded += object.size;
    } catch (error) {
      if (signal?.aborted) throw error;
      const failure = asLifeboatError(error);
      if (failure.kind === "transient" || failure.kind === "refused" || failure.code === "internal_error") {
        throw failure;
      }
      failed.push({ kind: "file", identity, reason: `${failure.code}: ${failure.message}` });
    }
    bytesDone += object.size;
    report({
      phase: "files",
      filesDone: ++filesDone,
      filesTotal: media.objects.length,
      bytesDone,
      bytesTotal: plan.media.bytes,
    });
  });
  failed.sort((a, b) => a.identity < b.identity ? -1 : 1);
  return { bucketsCreated: missing.length, ...counts, failed };
}

async function restoreObject(
  dependencies: RestoreDependencies,
  object: ManifestObject,
  existing: "refuse" | "keep" | "replace",
  isBucketNew: boolean,
  signal?: AbortSignal,
): Promise<"uploaded" | "unchanged" | "kept"> {
  const storage = storageOf(dependencies);
  // A new bucket is taken to be empty. If it is not, Storage refuses, and the next attempt looks.
  let isPresumed = isBucketNew;
  let differed: LifeboatError | undefined;
  const isInTheWay = (error: unknown) => isPresumed && hasCode(error, "storage_object_exists");
  const rules = {
    tries: ATTEMPTS,
    mayPass: (error: unknown) =>
      isInTheWay(error) || hasCode(error, "source_unavailable", "store_unavailable", "storage_upload_differs"),
    delayMs: (failures: number, error: unknown) => isInTheWay(error) ? 0 : growingDelayMs(failures),
  };
  return await retry(dependencies.clock, rules, async (nth) => {
    isPresumed = isBucketNew && nth === 1;
    const presence = isPresumed ? "absent" : await findPresence(storage, dependencies.checksums, object, signal);
    if (presence === "equal") return differed ? "uploaded" : "unchanged";
    // What Storage made of our own upload is no file of somebody else's that might be kept.
    if (presence === "different" && existing !== "replace" && differed) throw differed;
    if (presence === "different" && existing === "keep") return "kept";
    if (presence === "different" && existing === "refuse") throw different(object);
    await storage.upload({
      bucket: object.bucket,
      path: object.path,
      sizeBytes: object.size,
      contentType: object.contentType,
      cacheControl: object.cacheControl,
      userMetadata: object.userMetadata,
      overwrite: presence === "different",
      open: (signal) => openObject(dependencies, object, signal),
    }, signal);
    // Asks Storage what it holds now, as proof that the file is there.
    if (await findPresence(storage, dependencies.checksums, object, signal) === "equal") return "uploaded";
    throw differed = notAsSent(object);
  }, signal);
}

function different(object: ManifestObject): LifeboatError {
  return new LifeboatError({
    code: "storage_object_exists",
    kind: "conflict",
    message: "The target has another file of this name, which was not there when the restore was planned.",
    hint: "Plan again, and say whether files that are there are to be kept or replaced.",
    operation: "restore.media",
    subject: `${object.bucket}/${object.path}`,
  });
}

function notAsSent(object: ManifestObject): LifeboatError {
  return new LifeboatError({
    code: "storage_upload_differs",
    kind: "transient",
    message: "Storage took the file and then served other bytes than were sent.",
    hint: "Run the same command again. If it stays, look at the project's Storage logs.",
    operation: "restore.media",
    subject: `${object.bucket}/${object.path}`,
  });
}
