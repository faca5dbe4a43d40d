import { hasCode, LifeboatError } from "../../errors.ts";
import type { StoredObject } from "../../store/object_store.ts";
import type { SourceObject } from "../storage_source.ts";
import type { ClaimedItem, CopiedItem, CopyPlan } from "./claimed_item.ts";
import { copiedItem } from "./copy_plan.ts";
import type { CopyContext, Streaming } from "./copy_work.ts";
import { archiveCurrent, conditionOf } from "./replace_current.ts";

/** So many broken requests in a row mean that something on the way breaks every long request off. */
const MOST_FAILURES = 3;

const BLOCK_BYTES = 1024 * 1024;
const longerThanSaid = new Error("more bytes follow than Storage said");

/**
 * Streams an object that is larger than a part into S3 as one request, for a process that need not fear to be ended in the
 * middle: S3 has nothing to join then (docs/PERFORMANCE.md). The last block is sent only when the object has ended there.
 * Undefined when the store did not take it so, or something unknown lies at its key: sending it in parts then says more of what is wrong and repeats less.
 * Throws what `StorageSource` throws, and then S3 has stored nothing. Cancels the object's body.
 */
export async function sendStreamed(
  context: CopyContext,
  item: ClaimedItem,
  plan: CopyPlan,
  { body, sizeBytes }: SourceObject & { readonly sizeBytes: number },
  signal?: AbortSignal,
): Promise<CopiedItem | undefined> {
  const sum = context.checksums.sha256();
  async function* blocks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (let leftBytes = sizeBytes; leftBytes > 0;) {
      const block = await body.read(new Uint8Array(Math.min(leftBytes, BLOCK_BYTES)));
      leftBytes -= block.length;
      if (leftBytes === 0 && !await body.isAtEnd()) throw longerThanSaid;
      sum.update(block);
      yield block;
    }
  }
  try {
    await archiveCurrent(context, item, signal);
    const options = { ...plan.options, ...conditionOf(item), sizeBytes };
    const stored = await context.store.putStream(plan.key, blocks(), options, signal);
    context.streaming.isProven = true;
    context.streaming.failures = 0;
    context.budget.spend(sizeBytes);
    return copiedItem(item, plan, { sizeBytes, md5: sharedMd5(plan, stored), sha256: sum.hex() }, stored);
  } catch (error) {
    if (error === longerThanSaid) return undefined;
    if (!(error instanceof LifeboatError) || !isStoreFailure(error)) throw error;
    if (!isAboutTheKey(error)) noteFailure(context.streaming, error);
    return undefined;
  } finally {
    await body.cancel();
  }
}

function noteFailure(streaming: Streaming, { kind }: LifeboatError): void {
  const mayPass = streaming.isProven && kind === "transient" && ++streaming.failures < MOST_FAILURES;
  if (!mayPass) streaming.mostBytes = 0;
}

/**
 * Two servers that give the same ETag to the bytes have both computed their MD5. Where they differ, one of them was sent
 * the object in parts or has encrypted it with a key of its own, which tells nothing of the bytes.
 */
function sharedMd5({ served }: CopyPlan, { etag }: StoredObject): string | null {
  return etag === served.etag && /^[0-9a-f]{32}$/.test(etag) ? etag : null;
}

/**
 * Whatever a store says of an encoding that it does not know (that the signature is wrong, that the checksum is, nothing):
 * parts say what is true of it.
 */
function isStoreFailure({ code }: LifeboatError): boolean {
  return code.startsWith("store_") || code.startsWith("object_");
}

function isAboutTheKey(error: LifeboatError): boolean {
  return hasCode(error, "store_precondition_failed", "object_missing");
}
