import type { Session } from "../../database.ts";
import { hasCode, LifeboatError } from "../../errors.ts";
import { growingDelayMs, retry } from "../../retry.ts";
import type { SourceObject } from "../storage_source.ts";
import type { ClaimedItem } from "./claimed_item.ts";
import { isAsListed, isServed, planCopy, type StorageListing } from "./copy_plan.ts";
import type { CopyContext, CopyStep, CopyWork } from "./copy_work.ts";
import { dropUpload, openParts, resumeParts } from "./send_parts.ts";
import { sendStreamed } from "./send_streamed.ts";
import { sendWhole } from "./send_whole.ts";

/** After two deaths in the same batch each object is claimed alone, so that one bad file cannot keep the others from being stored. */
export function isSuspect(item: ClaimedItem): boolean {
  return item.attempts >= 2;
}

/** S3 allows 10,000 parts; some room is left for objects that are larger than listed. */
const MOST_PARTS = 9_000;
const ATTEMPTS = 3;

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
): Promise<Extract<CopyStep, { kind: "copied" | "paused" }>> {
  const partBytes = item.upload?.partBytes ??
    Math.max(context.partBytes, Math.ceil((item.sizeBytes ?? 0) / MOST_PARTS));
  const bytes = Math.min(item.sizeBytes ?? partBytes, partBytes);
  // An object that may be what invocations die of is copied alone.
  return await context.memory.use(isSuspect(item) ? Infinity : bytes, undefined, async () => {
    if (isSuspect(item)) await context.queue.begin(item);
    let work: CopyWork = { item, partBytes, mayStream: true };
    let broken: Extract<CopyStep, { kind: "interrupted" }> | undefined;
    const rules = { tries: ATTEMPTS, mayPass: (error: unknown) => error === broken?.error, delayMs: growingDelayMs };
    return await retry(context.clock, rules, async () => {
      if (broken?.error.code === "upload_missing") {
        // The parts were given back. Either another invocation took the object over, or they have to be sent anew.
        await context.queue.hold(item);
        if (work.item.upload) work = await dropUpload(context, work, signal);
      }
      const step = await attemptCopy(context, work, signal);
      if (step.kind === "copied" || step.kind === "paused") return step;
      broken = step;
      work = step.work;
      throw step.error;
    }, signal);
  });
}

/** What may pass when it is tried again; every other failure is thrown on. */
function interrupted(work: CopyWork, error: unknown): Extract<CopyStep, { kind: "interrupted" }> {
  if (error instanceof LifeboatError && hasCode(error, "source_unavailable", "upload_missing")) {
    return { kind: "interrupted", work, error };
  }
  throw error;
}

async function attemptCopy(
  context: CopyContext,
  before: CopyWork,
  signal?: AbortSignal,
): Promise<Exclude<CopyStep, { kind: "refused" }>> {
  let work = before;
  try {
    if (work.item.upload) {
      const resumed = await resume(context, work, signal);
      if (resumed.kind !== "refused") return resumed;
      work = resumed.work;
    }
    const step = await sendServed(context, work, await openBelieved(context, work.item, signal), signal);
    if (step.kind !== "refused") return step;
    work = step.work;
    const object = await openPastCache(context, work.item, signal);
    const again = await sendServed(context, work, { object, pastCache: true }, signal);
    if (again.kind === "refused") throw new Error("what Storage serves past every cache is the object");
    return again;
  } catch (error) {
    return interrupted(work, error);
  }
}

/** `refused` when Storage does not serve any more what the parts are of: they are given back, and it begins anew. */
async function resume(context: CopyContext, work: CopyWork, signal?: AbortSignal): Promise<CopyStep> {
  const { item } = work;
  const { plan, parts, sha256State } = item.upload!;
  const anew = async (): Promise<CopyStep> => ({ kind: "refused", work: await dropUpload(context, work, signal) });
  // A process without a resumable checksum has sent these parts and died: nobody can go on with its SHA-256.
  if (!work.sum && sha256State === "") return await anew();
  const offset = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  try {
    // A range that begins at the end is refused; all that is left then is to join the parts.
    const isWhole = offset > 0 && offset === plan.served.sizeBytes;
    const object = isWhole
      ? undefined
      : await context.source.open(item.bucket, item.path, { pastCache: plan.pastCache, offset }, signal);
    if (object && !(isServed(plan, object) && object.offset <= offset)) {
      await object.body.cancel();
      return await anew();
    }
    const step = await resumeParts(context, work, object, offset, signal);
    return step.kind === "interrupted" && step.error.code === "upload_missing"
      ? { kind: "refused", work: await dropUpload(context, step.work, signal) }
      : step;
  } catch (error) {
    if (!hasCode(error, "source_object_missing", "source_failed")) throw error;
    return await anew();
  }
}

interface Served {
  readonly object: SourceObject;
  readonly pastCache: boolean;
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

/** Plans the copy and chooses the way of its bytes: whole, streamed, or in parts. */
async function sendServed(
  context: CopyContext,
  work: CopyWork,
  { object, pastCache }: Served,
  signal?: AbortSignal,
): Promise<CopyStep> {
  const { item } = work;
  const listedNow = () => readListedObject(context.session, item.bucket, item.path, context.run.signal);
  const planContext = { recoveryPoint: context.run.recoveryPoint, listedNow };
  const plan = await planCopy(planContext, item, object, pastCache).catch(async (error) => {
    await object.body.cancel();
    throw error;
  });
  const { sizeBytes } = object;
  const isLarge = (sizeBytes ?? item.sizeBytes ?? 0) > work.partBytes;
  if (!isLarge) {
    const sent = await sendWhole(context, work, plan, object, signal);
    // The object turned out to be larger than one part.
    return sent === "too large" ? await openParts(context, work, plan, undefined, signal) : sent;
  }
  if (!work.mayStream || sizeBytes === undefined || sizeBytes > context.streaming.mostBytes) {
    return await openParts(context, work, plan, object, signal);
  }
  const inParts = { ...work, mayStream: false };
  try {
    const copy = await sendStreamed(context, item, plan, { ...object, sizeBytes }, signal);
    return copy ? { kind: "copied", copy } : await openParts(context, inParts, plan, undefined, signal);
  } catch (error) {
    return interrupted(inParts, error);
  }
}

/** Undefined when the project has no such object (any more). */
async function readListedObject(
  session: Session,
  bucket: string,
  path: string,
  signal?: AbortSignal,
): Promise<StorageListing | undefined> {
  // By way of JSON, because older platforms lack some of the columns.
  const [row] = await session.query<{ version: string | null; etag: string | null; size: string | null }>(
    `select j.o ->> 'version' as version, lifeboat.digits(m.o ->> 'size') as size,
       lifeboat.bare_etag(m.o ->> 'eTag') as etag
     from storage.objects s
     cross join lateral (select to_jsonb(s.*) as o) j
     cross join lateral (select lifeboat.json_object(j.o -> 'metadata') as o) m
     where s.bucket_id = $1 and s.name = $2
       and j.o ->> 'archived_at' is null and coalesce(j.o ->> 'is_delete_marker', 'false') = 'false'`,
    [bucket, path],
    signal,
  );
  return row &&
    { version: row.version, etag: row.etag, sizeBytes: row.size === null ? null : Number(row.size) };
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
