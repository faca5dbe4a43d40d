import { LifeboatError } from "../errors.ts";
import { eachAtOnce } from "../each_at_once.ts";
import { ListingCursor } from "../points/listing_cursor.ts";
import { locateObject } from "../points/locate_object.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { type PointBucket, readPointMedia } from "./media_scope.ts";
import type { ListedObject, ObjectStore } from "../store/object_store.ts";
import type { MediaPlan, PlanEntry } from "./plan.ts";
import type { PointReference } from "../points/find_point.ts";
import type { RestoreRequest } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";
import { findPresence } from "./same_object.ts";
import type { StorageTarget, TargetBucket } from "./storage_target.ts";

export interface MediaPlanned {
  readonly plan: MediaPlan | null;
  readonly conflicts: readonly PlanEntry[];
  readonly warnings: readonly string[];
  readonly notRestored: readonly PlanEntry[];
}

const NEW_ENTRIES =
  "Storage gives restored files new ids and creation times, and no owner: policies that ask for owner or owner_id let " +
  "nobody at them until their owners are set.";

/** Requests at once: enough to hide the latency, and few enough that Storage does not ask to slow down. */
export const REQUESTS_AT_ONCE = 8;

/**
 * Looks up where each file of the request lies in the bucket and what the target has in its place. Reads bytes only of
 * objects in the target that cannot be compared in another way.
 */
export async function planMedia(
  dependencies: RestoreDependencies,
  point: PointReference,
  request: RestoreRequest,
  signal?: AbortSignal,
): Promise<MediaPlanned> {
  const media = await readPointMedia(dependencies, point, request, signal);
  const storage = storageOf(dependencies);
  const there = new Map((await storage.buckets(signal)).map((bucket) => [bucket.id, bucket]));
  const conflicts: PlanEntry[] = [];
  const notRestored: PlanEntry[] = [];
  const wait = signal ?? new AbortController().signal;
  const objects = listed(dependencies.store, media.objects, request, wait);
  await eachAtOnce(objects, REQUESTS_AT_ONCE, async ({ object, listed }) => {
    const name = `${object.bucket}/${object.path}`;
    const located = await locateObject(dependencies.store, object, listed, wait);
    if (!located.certain && located.candidates.length === 0) {
      notRestored.push({ kind: "file", identity: name, reason: "Its bytes are not in the bucket any more." });
    } else if (there.has(object.bucket) && (request.existing ?? "refuse") === "refuse") {
      const presence = await findPresence(storage, dependencies.checksums, object, signal);
      if (presence !== "different") return;
      conflicts.push({
        kind: "file",
        identity: name,
        reason: "The target has another file of this name, or the same as another type.",
      });
    }
  });
  return {
    plan: {
      manifestSha256: media.manifestSha256,
      buckets: media.buckets.map(({ id }) => ({
        bucket: id,
        action: there.has(id) ? "exists" : "create",
        files: media.objects.filter(({ bucket }) => bucket === id).length,
      })),
      files: media.objects.length,
      bytes: media.objects.reduce((sum, { size }) => sum + size, 0),
    },
    conflicts: conflicts.sort(byIdentity),
    warnings: [
      ...media.buckets.flatMap((bucket) => bucketWarnings(bucket, there.get(bucket.id))),
      ...media.objects.length > 0 ? [NEW_ENTRIES] : [],
    ],
    notRestored: notRestored.sort(byIdentity),
  };
}

/**
 * Pairs objects with their listing, a thousand to a request; not with `paths`, as a few files are cheaper one by one.
 */
async function* listed(
  store: ObjectStore,
  objects: readonly ManifestObject[],
  request: RestoreRequest,
  signal: AbortSignal,
): AsyncGenerator<{ readonly object: ManifestObject; readonly listed: ListedObject | undefined }> {
  const cursor = request.paths === undefined ? new ListingCursor(store, signal) : undefined;
  try {
    for (const object of objects) yield { object, listed: await cursor?.find(object.bucket, object.s3Key) };
  } finally {
    await cursor?.close();
  }
}

/** The target's Storage. Throws `storage_not_given`. */
export function storageOf({ storage }: Pick<RestoreDependencies, "storage">): StorageTarget {
  if (storage) return storage;
  throw new LifeboatError({
    code: "storage_not_given",
    kind: "permanent",
    message: "Files are to be restored, but no Supabase URL and secret key of the target were given.",
    hint: "Give them, or restore the database alone (database-only).",
    operation: "restore.plan",
  });
}

/** The bucket's definition in the form that the Storage API takes. */
export function bucketOf({ id, definition }: PointBucket): TargetBucket {
  const limit = Number(definition.file_size_limit ?? NaN);
  return {
    id,
    name: typeof definition.name === "string" ? definition.name : id,
    public: definition.public === true,
    fileSizeLimit: Number.isSafeInteger(limit) ? limit : null,
    allowedMimeTypes: Array.isArray(definition.allowed_mime_types) ? definition.allowed_mime_types.map(String) : null,
  };
}

function bucketWarnings(bucket: PointBucket, there: TargetBucket | undefined): string[] {
  const wanted = bucketOf(bucket);
  if (!there || there.public === wanted.public) return [];
  return [
    `Bucket ${bucket.id} is ${
      there.public ? "public" : "private"
    } in the target and was not in the backup. It is left so.`,
  ];
}

function byIdentity(a: PlanEntry, b: PlanEntry): number {
  return a.identity < b.identity ? -1 : 1;
}
