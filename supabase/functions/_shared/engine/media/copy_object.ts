import type { ResumableChecksum } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import type { Budget } from "../run/budget.ts";
import type { ClaimedItem, CopiedItem } from "./claimed_item.ts";
import { isAsListed, isServed, planCopy } from "./copy_plan.ts";
import { readListedObject } from "./listed_object.ts";
import { inParts, type OneRequest, sendInOneRequest } from "./one_request.ts";
import type { PartMemory } from "./part_memory.ts";
import { dropUpload, openParts, resumeParts } from "./resumable_upload.ts";
import type { SourceObject, StorageSource } from "./storage_source.ts";
import { transfer, type TransferContext } from "./transfer.ts";

export interface CopyContext extends TransferContext {
  /** Statements get the run's signal and not that of one failure: an abort would end the connection that all share. */
  readonly session: Session;
  readonly source: StorageSource;
  readonly clock: Clock;
  readonly memory: PartMemory;
  readonly partBytes: number;
  readonly oneRequest: OneRequest;
  readonly budget: Budget;
}

/** A large object whose parts so far lie in S3; the next invocation goes on with it. */
export const paused = "paused";

/** What invocations have ended with before gets the whole of the next one. */
export function isSuspect(item: ClaimedItem): boolean {
  return item.attempts >= 2;
}

/** S3 allows 10,000 parts; some room is left for objects that are larger than listed. */
const mostParts = 9_000;
const attempts = 3;

/**
 * Copies one object as Storage serves it now. An answer that is not what was listed may be a stale cache, so it is asked
 * for again past every cache before it is believed; then it is the object, and the difference is recorded as skew.
 *
 * Throws `object_vanished` (Storage and its tables agree that it is gone), `object_unreadable` (listed, but Storage has
 * no bytes of it), what `StorageSource` throws after three attempts, `claim_lost`, and what the store throws.
 */
export async function copyObject(
  context: CopyContext,
  item: ClaimedItem,
  signal?: AbortSignal,
): Promise<CopiedItem | typeof paused> {
  const partBytes = item.upload?.partBytes ??
    Math.max(context.partBytes, Math.ceil((item.sizeBytes ?? 0) / mostParts));
  const bytes = Math.min(item.sizeBytes ?? partBytes, partBytes);
  return await context.memory.use(bytes, isSuspect(item), async () => {
    if (isSuspect(item)) await context.queue.begin(item);
    const work: ObjectWork = { item, partBytes, inParts: false };
    for (let attempt = 1;; attempt++) {
      try {
        return await copyBelieved(context, work, signal);
      } catch (error) {
        if (attempt === attempts || !hasCode(error, "source_unavailable", "upload_missing")) throw error;
        if (hasCode(error, "upload_missing")) {
          // Given back by somebody: by whoever took the object over, or else it is to be begun anew.
          await context.queue.hold(item);
          if (work.item.upload) await dropUpload(context, work, signal);
        }
        await context.clock.sleep(500 * 4 ** (attempt - 1), signal);
      }
    }
  });
}

/** One object on its way. Its upload changes while it is sent. */
export interface ObjectWork {
  item: ClaimedItem;
  readonly partBytes: number;
  /** One request has failed it: parts need not be sent again. */
  inParts: boolean;
  /** Over the parts that were sent, for who goes on in this process. */
  sum?: ResumableChecksum;
}

async function copyBelieved(
  context: CopyContext,
  work: ObjectWork,
  signal?: AbortSignal,
): Promise<CopiedItem | typeof paused> {
  if (work.item.upload) {
    const resumed = await resume(context, work, signal);
    if (resumed) return resumed;
  }
  const served = await openBelieved(context, work.item, signal);
  return await copyServed(context, work, served, signal) ??
    (await copyServed(
      context,
      work,
      { object: await openPastCache(context, work.item, signal), pastCache: true },
      signal,
    ))!;
}

interface Served {
  readonly object: SourceObject;
  readonly pastCache: boolean;
}

/** Undefined when Storage does not serve any more what the parts are of: they are given back, and it begins anew. */
async function resume(
  context: CopyContext,
  work: ObjectWork,
  signal?: AbortSignal,
): Promise<CopiedItem | typeof paused | undefined> {
  const { item } = work;
  const { plan, parts, sha256State } = item.upload!;
  if (!work.sum && sha256State === "") {
    // Of a process that could not store where it stood, and is gone.
    await dropUpload(context, work, signal);
    return undefined;
  }
  const offset = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  try {
    // A range that begins at the end is refused; all that is left then is to join the parts.
    const isWhole = offset > 0 && offset === plan.served.sizeBytes;
    const object = isWhole
      ? undefined
      : await context.source.open(item.bucket, item.path, { pastCache: plan.pastCache, offset }, signal);
    if (object && !(isServed(plan, object) && object.offset <= offset)) {
      await object.body.cancel();
    } else {
      const copy = await resumeParts(context, work, object, offset, signal);
      if (copy) return copy;
    }
  } catch (error) {
    if (!hasCode(error, "source_object_missing", "source_failed", "upload_missing")) throw error;
  }
  await dropUpload(context, work, signal);
  return undefined;
}

async function openBelieved(context: CopyContext, item: ClaimedItem, signal?: AbortSignal): Promise<Served> {
  try {
    const object = await context.source.open(item.bucket, item.path, undefined, signal);
    if (isAsListed(item, object)) return { object, pastCache: false };
    await object.body.cancel();
  } catch (error) {
    if (!hasCode(error, "source_object_missing")) throw error;
  }
  return { object: await openPastCache(context, item, signal), pastCache: true };
}

async function openPastCache(context: CopyContext, item: ClaimedItem, signal?: AbortSignal): Promise<SourceObject> {
  try {
    return await context.source.open(item.bucket, item.path, { pastCache: true }, signal);
  } catch (error) {
    if (!hasCode(error, "source_object_missing")) throw error;
    const listed = await readListedObject(context.session, item.bucket, item.path, context.run.signal);
    throw listed ? unreadable(item, error) : vanished(item, error);
  }
}

/** Undefined when the bytes are not what the answer said of them and a cache may be to blame. */
async function copyServed(
  context: CopyContext,
  work: ObjectWork,
  { object, pastCache }: Served,
  signal?: AbortSignal,
): Promise<CopiedItem | typeof paused | undefined> {
  const { item } = work;
  const plan = await planCopy(
    {
      recoveryPoint: context.run.recoveryPoint,
      listedNow: () => readListedObject(context.session, item.bucket, item.path, context.run.signal),
    },
    item,
    object,
    pastCache,
  ).catch(async (error) => {
    await object.body.cancel();
    throw error;
  });
  const { sizeBytes } = object;
  const isLarge = (sizeBytes ?? item.sizeBytes ?? 0) > work.partBytes;
  if (!isLarge) return await transfer(context, work, plan, object, signal);
  if (work.inParts || sizeBytes === undefined || sizeBytes > context.oneRequest.mostBytes) {
    return await openParts(context, work, plan, object, signal);
  }
  work.inParts = true;
  const sent = await sendInOneRequest(context, item, plan, { ...object, sizeBytes }, signal);
  return sent === inParts ? await openParts(context, work, plan, undefined, signal) : sent;
}

function vanished(item: ClaimedItem, cause: unknown): LifeboatError {
  return new LifeboatError({
    code: "object_vanished",
    kind: "missing",
    message: "It was deleted after the recovery point was taken and before its bytes were read.",
    hint: "Nothing to do. An older recovery point holds it if it existed then.",
    operation: "media.copy",
    subject: `${item.bucket}/${item.path}`,
    cause,
  });
}

function unreadable(item: ClaimedItem, cause: unknown): LifeboatError {
  return new LifeboatError({
    code: "object_unreadable",
    kind: "missing",
    message: "Storage lists it but has no bytes of it, so nobody can download it.",
    hint: "Upload the file again, or delete its entry in Storage.",
    operation: "media.copy",
    subject: `${item.bucket}/${item.path}`,
    cause,
  });
}
