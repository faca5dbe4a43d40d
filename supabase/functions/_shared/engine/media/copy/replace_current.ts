import { hasCode, LifeboatError } from "../../errors.ts";
import { archiveKey } from "../../format/keys.ts";
import type { Run } from "../../run/run.ts";
import { headOrMissing } from "../../store/head_or_missing.ts";
import type { ObjectStore, PutOptions, StoredObject } from "../../store/object_store.ts";
import type { ClaimedItem } from "./claimed_item.ts";
import type { MediaQueue } from "../media_queue.ts";

/** Metadata under which a copy carries its version, so that it can be archived rightly even by someone who has no database. */
export const VERSION_METADATA = "lifeboat-version";

export interface ArchiveContext {
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
export async function archiveCurrent(context: ArchiveContext, item: ClaimedItem, signal?: AbortSignal): Promise<void> {
  const { current } = item;
  if (!current || current.archived || current.s3VersionId) return;
  await archiveObject(context, item, current.s3Key, current, signal);
  await context.queue.archived(item);
}

/** `known` is what Lifeboat's tables say of the object at the key: nothing, for example after they were lost. */
async function archiveObject(
  { store, run }: ArchiveContext,
  item: ClaimedItem,
  key: string,
  known: { s3ETag: string; archiveKey: string } | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const info = await headOrMissing(store, key, undefined, signal);
  // The store says that the key is free: somebody else removed the object, and there is nothing left to keep.
  if (!info) return;
  // What lies there may not be what the table says (someone wrote to the bucket): then it must not take that one's place.
  const isKnown = known !== undefined && known.s3ETag === info.etag;
  // The version stays; but recovery points that hold our copy without its version look for it at its archive key.
  if (info.versionId && info.versionId !== "null" && !isKnown) return;
  const target = isKnown
    ? known.archiveKey
    : (await archiveKey(item.bucket, item.path, info.metadata[VERSION_METADATA] ?? info.etag)).key;
  await run.confirm();
  // Another invocation may have taken the object over and put its own bytes there: they must not take the archive key.
  try {
    const copy = await store.copy(key, target, { ifMatch: info.etag }, signal);
    if (copy.sizeBytes !== info.sizeBytes) throw archiveFailed(item, target);
  } catch (error) {
    throw hasCode(error, "store_precondition_failed") ? archiveFailed(item, target, error) : error;
  }
}

/**
 * Writes to a key that should be free, unless Lifeboat itself filled it and has archived what lies there. What is written over is what was
 * known to lie there (`ifMatch`): an invocation that was stopped, and whose object another has taken over meanwhile, must
 * not put older bytes over newer ones, of which no other copy exists. Where something else lies there, it is either these
 * very bytes, from an invocation that died before its checkpoint, or something that must be kept.
 *
 * Throws `claim_lost` when it is another invocation's.
 */
export async function putAtFreeKey(
  context: ArchiveContext,
  item: ClaimedItem,
  key: string,
  etag: string,
  write: (condition: Pick<PutOptions, "ifNoneMatch" | "ifMatch">) => Promise<StoredObject>,
  giveUp: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredObject> {
  try {
    return await write(conditionOf(item));
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed", "object_missing")) throw error;
    const info = await headOrMissing(context.store, key, undefined, signal);
    if (!info) return await write({ ifNoneMatch: true });
    if (info.etag === etag) {
      await giveUp();
      return info;
    }
    await context.queue.hold(item);
    await archiveObject(context, item, key, undefined, signal);
    return await write({ ifMatch: info.etag });
  }
}

/** What must lie at an object's key for it to be written over. A bucket with versions keeps what is. */
export function conditionOf({ current }: ClaimedItem): Pick<PutOptions, "ifNoneMatch" | "ifMatch"> {
  return !current ? { ifNoneMatch: true } : current.s3VersionId ? {} : { ifMatch: current.s3ETag };
}

/** Throws `object_corrupt` when the store has not as many bytes as were sent. */
export function assertSizeStored(key: string, stored: StoredObject, sizeBytes: number): void {
  if (stored.sizeBytes === sizeBytes) return;
  throw new LifeboatError({
    code: "object_corrupt",
    kind: "transient",
    message: `S3 says that ${key} has ${stored.sizeBytes} bytes, but ${sizeBytes} were sent.`,
    hint: "The next run sends it again. If it stays, look at what else writes to the bucket.",
    operation: "media.transfer",
    subject: key,
  });
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
