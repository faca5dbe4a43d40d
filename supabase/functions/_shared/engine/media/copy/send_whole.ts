import type { SourceObject } from "../storage_source.ts";
import type { CopyPlan } from "./claimed_item.ts";
import { copiedItem, isAsSaid } from "./copy_plan.ts";
import type { CopyContext, CopyStep, CopyWork } from "./copy_work.ts";
import { archiveCurrent, assertSizeStored, putAtFreeKey } from "./replace_current.ts";

/**
 * Moves an object that fits a part into S3 as one request. What lay at the key is archived first. `refused` when the bytes
 * are not what the answer said of them, and "too large" when more follow than fit: then nothing has changed in S3.
 */
export async function sendWhole(
  context: CopyContext,
  work: CopyWork,
  plan: CopyPlan,
  object: SourceObject,
  signal?: AbortSignal,
): Promise<CopyStep | "too large"> {
  const { item } = work;
  const { body } = object;
  try {
    const content = await body.read(new Uint8Array(Math.min(object.sizeBytes ?? work.partBytes, work.partBytes)));
    if (!await body.isAtEnd()) return "too large";
    const md5 = context.checksums.md5();
    md5.update(content);
    const bytes = { sizeBytes: content.length, md5: md5.hex(), sha256: await sha256(content) };
    if (!plan.pastCache && !isAsSaid(item, plan, bytes)) return { kind: "refused", work };
    await archiveCurrent(context, item, signal);
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
    assertSizeStored(plan.key, stored, bytes.sizeBytes);
    return { kind: "copied", copy: copiedItem(item, plan, bytes, stored) };
  } finally {
    await body.cancel();
  }
}

/** Web Crypto takes half the CPU of `node:crypto` on Deno 2.1.4 (docs/PERFORMANCE.md). */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
