import type { Checksums } from "../checksum.ts";
import type { CopiedItem, CopyPlan } from "./claimed_item.ts";
import type { CopyContext, ObjectWork } from "./copy_object.ts";
import { copiedItem, isAsSaid } from "./copy_plan.ts";
import { makeRoom, type RoomContext } from "./make_room.ts";
import { assertStored, putAtFreeKey } from "./put_at_free_key.ts";
import { openParts } from "./resumable_upload.ts";
import type { SourceObject } from "./storage_source.ts";

export interface TransferContext extends RoomContext {
  readonly checksums: Checksums;
}

/**
 * Moves an object that fits a part into S3 as one request. What lay at the key is archived first. Undefined when the bytes
 * were not accepted; then nothing has changed in S3. One that turns out to be larger goes in parts.
 */
export async function transfer(
  context: CopyContext,
  work: ObjectWork,
  plan: CopyPlan,
  object: SourceObject,
  signal?: AbortSignal,
): Promise<CopiedItem | "paused" | undefined> {
  const { item } = work;
  const { body } = object;
  try {
    const content = await body.read(new Uint8Array(Math.min(object.sizeBytes ?? work.partBytes, work.partBytes)));
    if (!await body.isAtEnd()) return await openParts(context, work, plan, undefined, signal);
    const md5 = context.checksums.md5();
    md5.update(content);
    const bytes = { sizeBytes: content.length, md5: md5.hex(), sha256: await sha256(content) };
    if (!plan.pastCache && !isAsSaid(item, plan, bytes)) return undefined;
    await makeRoom(context, item, signal);
    const stored = await putAtFreeKey(
      context,
      item,
      plan.key,
      bytes.md5,
      (condition) => context.store.put(plan.key, content, { ...plan.options, ...condition, md5: bytes.md5 }, signal),
      () => Promise.resolve(),
      signal,
    );
    context.budget.spend(bytes.sizeBytes);
    assertStored(plan.key, stored, bytes.sizeBytes);
    return copiedItem(item, plan, bytes, stored);
  } finally {
    await body.cancel();
  }
}

/** Web Crypto takes half the CPU of `node:crypto` on Deno 2.1.4 (docs/PERFORMANCE.md). */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
