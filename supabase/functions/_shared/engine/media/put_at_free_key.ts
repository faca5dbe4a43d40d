import { hasCode, LifeboatError } from "../errors.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { PutOptions, StoredObject } from "../store/object_store.ts";
import type { ClaimedItem } from "./claimed_item.ts";
import { archiveUnknown, type RoomContext } from "./make_room.ts";

/**
 * Writes to a key that should be free, unless Lifeboat itself filled it and has made room. What is written over is what was
 * known to lie there (`ifMatch`): an invocation that was stopped, and whose object another has taken over meanwhile, must
 * not put older bytes over newer ones, of which no other copy exists. Where something else lies there, it is either these
 * very bytes, from an invocation that died before its checkpoint, or something that must be kept.
 *
 * Throws `claim_lost` when it is another invocation's.
 */
export async function putAtFreeKey(
  context: RoomContext,
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
    await archiveUnknown(context, item, key, signal);
    return await write({ ifMatch: info.etag });
  }
}

/** What must lie at an object's key for it to be written over. A bucket with versions keeps what is. */
export function conditionOf({ current }: ClaimedItem): Pick<PutOptions, "ifNoneMatch" | "ifMatch"> {
  return !current ? { ifNoneMatch: true } : current.s3VersionId ? {} : { ifMatch: current.s3ETag };
}

/** Throws `object_corrupt` when the store has not as many bytes as were sent. */
export function assertStored(key: string, stored: StoredObject, sizeBytes: number): void {
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
