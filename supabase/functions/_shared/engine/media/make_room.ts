import { hasCode, LifeboatError } from "../errors.ts";
import { archiveKey } from "../format/keys.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { ClaimedItem } from "./claimed_item.ts";
import type { MediaQueue } from "./media_queue.ts";

/** Metadata under which a copy carries its version, so that it can be archived rightly even by someone who has no database. */
export const versionMetadata = "lifeboat-version";

export interface RoomContext {
  readonly store: ObjectStore;
  readonly queue: MediaQueue;
  readonly run: Run;
}

/**
 * Makes sure that what lies at a current key stays reachable before another version takes the key: older recovery points
 * name it. A bucket with versioning keeps it by itself; elsewhere it is copied to its archive key on the server's side,
 * and that is written down before anything is overwritten. Written the other way round, a run that died between the two
 * would archive the new bytes under the old name.
 *
 * May be repeated. Throws `archive_failed` when the copy is not what was to be copied, and what the store throws.
 */
export async function makeRoom(context: RoomContext, item: ClaimedItem, signal?: AbortSignal): Promise<void> {
  const { current } = item;
  if (!current || current.archived || current.s3VersionId) return;
  await archiveObject(context, item, current.s3Key, current, signal);
  await context.queue.archived(item);
}

/** The same for an object at the key that Lifeboat's tables know nothing of, for example after they were lost. */
export async function archiveUnknown(
  context: RoomContext,
  item: ClaimedItem,
  key: string,
  signal?: AbortSignal,
): Promise<void> {
  await archiveObject(context, item, key, undefined, signal);
}

async function archiveObject(
  { store, run }: RoomContext,
  item: ClaimedItem,
  key: string,
  known: { s3ETag: string; archiveKey: string } | undefined,
  signal?: AbortSignal,
): Promise<void> {
  let info;
  try {
    info = await store.head(key, undefined, signal);
  } catch (error) {
    // The store says that the key is free: somebody else removed the object, and there is nothing left to keep.
    if (hasCode(error, "object_missing")) return;
    throw error;
  }
  // What lies there may not be what the table says (someone wrote to the bucket): then it must not take that one's place.
  const isKnown = known !== undefined && known.s3ETag === info.etag;
  // The version stays; but recovery points that hold our copy without its version look for it at its archive key.
  if (info.versionId && info.versionId !== "null" && !isKnown) return;
  const target = isKnown
    ? known.archiveKey
    : (await archiveKey(item.bucket, item.path, info.metadata[versionMetadata] ?? info.etag)).key;
  await run.confirm();
  // Another invocation may have taken the object over and put its own bytes there: they must not take the archive key.
  try {
    const copy = await store.copy(key, target, { ifMatch: info.etag }, signal);
    if (copy.sizeBytes !== info.sizeBytes) throw archiveFailed(item, target);
  } catch (error) {
    throw hasCode(error, "store_precondition_failed") ? archiveFailed(item, target, error) : error;
  }
}

function archiveFailed(item: ClaimedItem, target: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "archive_failed",
    kind: "transient",
    message: `The older copy of ${item.bucket}/${item.path} did not arrive whole at ${target}, so it was not replaced.`,
    hint: "The next run tries again. If it stays, switch versioning on for the S3 bucket.",
    operation: "media.archive",
    subject: target,
    cause,
  });
}
