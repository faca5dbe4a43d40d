import type { Checksums, ResumableChecksum } from "../../checksum.ts";
import { hasCode, LifeboatError } from "../../errors.ts";
import type { UploadedPart } from "../../store/object_store.ts";
import { PartUpload } from "../../store/part_upload.ts";
import type { SourceBody, SourceObject } from "../storage_source.ts";
import type { ClaimedItem, CopyPlan } from "./claimed_item.ts";
import { copiedItem, isAsSaid, isServed } from "./copy_plan.ts";
import type { CopyContext, CopyStep, CopyWork } from "./copy_work.ts";
import { archiveCurrent, assertSizeStored, putAtFreeKey } from "./replace_current.ts";

/**
 * Begins to copy an object part by part. After each part a checkpoint in `lifeboat` holds all that another invocation needs
 * to go on: the parts, the state of the SHA-256 over them, and what Storage said of the version that they are of.
 * `refused` when the bytes were not accepted: then nothing is left in S3.
 */
export async function openParts(
  context: CopyContext,
  work: CopyWork,
  plan: CopyPlan,
  opened: SourceObject | undefined,
  signal?: AbortSignal,
): Promise<CopyStep> {
  const { item } = work;
  const object = opened ??
    await context.source.open(item.bucket, item.path, { pastCache: plan.pastCache }, signal);
  try {
    if (!opened && !isServed(plan, object)) throw changedMeanwhile(item);
    const sum = await context.checksums.resumableSha256();
    const begun = { partBytes: work.partBytes, plan, sha256State: sum.save() };
    const note = (uploadId: string) => context.queue.noteUpload(item, plan.key, { ...begun, uploadId });
    const upload = await PartUpload.begin(context.store, plan.key, plan.options, note, signal);
    const withUpload = { ...item, upload: { ...begun, uploadId: upload.uploadId, parts: [] } };
    return await sendParts(context, { ...work, item: withUpload, sum }, upload, sum, object, 0, signal);
  } finally {
    await object.body.cancel();
  }
}

/** Goes on after the parts that lie in S3. `object` begins there, or at 0; absent when all parts do. Results as `openParts`. */
export async function resumeParts(
  context: CopyContext,
  work: CopyWork,
  object: SourceObject | undefined,
  offset: number,
  signal?: AbortSignal,
): Promise<CopyStep> {
  try {
    const upload = await carriedUpload(context, work, signal);
    const sum = work.sum ?? await context.checksums.resumableSha256(work.item.upload!.sha256State);
    return await sendParts(context, work, upload, sum, object, offset - (object?.offset ?? offset), signal);
  } finally {
    await object?.body.cancel();
  }
}

/** Gives the parts back and forgets them. Returns the object as one of which nothing was sent. */
export async function dropUpload(context: CopyContext, work: CopyWork, signal?: AbortSignal): Promise<CopyWork> {
  const upload = await carriedUpload(context, work, signal);
  try {
    await upload.abort(signal);
  } catch (error) {
    // A store that cannot give parts back must not keep the object from being copied; a lifecycle rule removes them.
    if (!hasCode(error, "store_failed")) throw error;
  }
  await context.queue.forgetUpload(work.item);
  return { ...work, item: { ...work.item, upload: null }, sum: undefined };
}

async function carriedUpload({ store }: CopyContext, work: CopyWork, signal?: AbortSignal): Promise<PartUpload> {
  const { plan, uploadId, parts } = work.item.upload!;
  return await PartUpload.resume(store, plan.key, plan.options, uploadId, parts.length, signal);
}

async function sendParts(
  context: CopyContext,
  before: CopyWork,
  upload: PartUpload,
  sum: ResumableChecksum,
  object: SourceObject | undefined,
  skipBytes: number,
  signal?: AbortSignal,
): Promise<CopyStep> {
  const { queue, budget, run } = context;
  const { plan, parts: partsBefore } = before.item.upload!;
  const parts: UploadedPart[] = [...partsBefore];
  // How far the upload has come: after a failure it goes on from there.
  let work = before;
  const sizeOf = () => parts.reduce((bytes, part) => bytes + part.sizeBytes, 0);
  let buffer = new Uint8Array(object ? work.partBytes : 0);
  try {
    if (object) buffer = await skip(object.body, skipBytes, buffer);
    for (let isLast = !object; !isLast;) {
      const part = await object!.body.read(buffer);
      isLast = part.length < work.partBytes;
      if (part.length === 0 && parts.length > 0) break;
      // The budget is charged before the part is sent, so that the copies beside this one stop in time.
      budget.spend(part.length);
      const sent = await upload.send(part, signal);
      sum.update(part);
      const sha256State = sum.save();
      await queue.notePart(work.item, sent, sha256State);
      parts.push(sent);
      work = { ...work, item: { ...work.item, upload: { ...work.item.upload!, parts: [...parts], sha256State } } };
      // Without a size nobody could tell whether the rest is of the same version.
      if (budget.spent() && plan.served.sizeBytes !== null && sizeOf() < plan.served.sizeBytes) {
        return { kind: "paused" };
      }
      buffer = new Uint8Array(part.buffer);
    }
    const bytes = { sizeBytes: sizeOf(), md5: null, sha256: sum.hex() };
    if (!plan.pastCache && !isAsSaid(work.item, plan, bytes)) {
      return { kind: "refused", work: await dropUpload(context, work, signal) };
    }
    await archiveCurrent(context, work.item, signal);
    const stored = await putAtFreeKey(
      context,
      work.item,
      plan.key,
      compositeETag(context.checksums, parts),
      (condition) => upload.complete(partsBefore, condition, signal),
      () => upload.abort(signal),
      signal,
    );
    const info = await context.store.head(plan.key, undefined, signal);
    assertSizeStored(plan.key, info, bytes.sizeBytes);
    // A completion that was asked for twice may be answered without the version that the first one made.
    const versionId = stored.versionId ?? (info.etag === stored.etag ? info.versionId : undefined);
    return { kind: "copied", copy: copiedItem(work.item, plan, bytes, { ...stored, versionId }) };
  } catch (error) {
    // A cancelled run gives its parts back, without the signal; any other failure leaves them for the next invocation.
    if (hasCode(run.signal.reason, "run_cancelled")) await upload.abort().catch(() => undefined);
    if (!(error instanceof LifeboatError) || !hasCode(error, "source_unavailable", "upload_missing")) throw error;
    return { kind: "interrupted", work, error };
  }
}

/** Reads past what a server that knows no ranges sends once more. Answers the memory that it was lent. */
async function skip(
  body: SourceBody,
  bytes: number,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let left = bytes; left > 0;) {
    const skipped = await body.read(buffer.subarray(0, Math.min(left, buffer.length)));
    buffer = new Uint8Array(skipped.buffer);
    // The stream ended before the bytes that were to be skipped: the size then shows that the parts are of other bytes.
    if (skipped.length === 0) break;
    left -= skipped.length;
  }
  return buffer;
}

function changedMeanwhile({ bucket, path }: ClaimedItem): LifeboatError {
  return new LifeboatError({
    code: "source_unavailable",
    kind: "transient",
    message: "The file was changed while it was read.",
    hint: "Nothing to do: it is read again.",
    operation: "media.copy",
    subject: `${bucket}/${path}`,
  });
}

/** What S3 makes of the parts' MD5s; equal on every server that follows it. */
function compositeETag(checksums: Checksums, parts: readonly UploadedPart[]): string {
  const md5 = checksums.md5();
  for (const { etag } of parts) {
    md5.update(Uint8Array.from(etag.match(/../g) ?? [], (byte) => parseInt(byte, 16)));
  }
  return `${md5.hex()}-${parts.length}`;
}
