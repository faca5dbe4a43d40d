import { hasCode, LifeboatError } from "../errors.ts";
import type { StoredObject } from "../store/object_store.ts";
import type { ClaimedItem } from "./claimed_item.ts";
import { archiveUnknown, type RoomContext } from "./make_room.ts";

/**
 * Writes to a key that should be free, unless Lifeboat itself filled it and has made room. If it is not free after all,
 * it holds either these very bytes, from an invocation that died before its checkpoint, or something that must be kept.
 */
export async function putAtFreeKey(
  context: RoomContext,
  item: ClaimedItem,
  key: string,
  etag: string,
  write: (ifNoneMatch: boolean) => Promise<StoredObject>,
  giveUp: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredObject> {
  if (item.current) return await write(false);
  try {
    return await write(true);
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed")) throw error;
    const info = await context.store.head(key, undefined, signal);
    if (info.etag === etag) {
      await giveUp();
      return info;
    }
    await archiveUnknown(context, item, key, signal);
    return await write(false);
  }
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
