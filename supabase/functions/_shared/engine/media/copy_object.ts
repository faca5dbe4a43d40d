import type { Clock } from "../clock.ts";
import type { Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { archiveKey, mediaKey } from "../format/keys.ts";
import { readListedObject } from "./listed_object.ts";
import { versionMetadata } from "./make_room.ts";
import type { ClaimedItem, CopiedItem, Skew } from "./media_queue.ts";
import type { PartMemory } from "./part_memory.ts";
import { describeForS3 } from "./put_options.ts";
import type { SourceObject, StorageSource } from "./storage_source.ts";
import { transfer, type TransferContext, type TransferredBytes } from "./transfer.ts";

export interface CopyContext extends TransferContext {
  /** Statements get the run's signal and not that of one failure: an abort would end the connection that all share. */
  readonly session: Session;
  readonly source: StorageSource;
  readonly clock: Clock;
  readonly memory: PartMemory;
  readonly partBytes: number;
}

/** S3 allows 10,000 parts; some room is left for objects that are larger than listed. */
const mostParts = 9_000;
const attempts = 3;

/**
 * Copies one object as Storage serves it now. An answer that is not what was listed may be a stale cache, so it is asked
 * for again past every cache before it is believed; then it is the object, and the difference is recorded as skew.
 *
 * Throws `object_vanished` (Storage and its tables agree that it is gone), `object_unreadable` (listed, but Storage has
 * no bytes of it), what `StorageSource` throws after three attempts, and what the store throws.
 */
export async function copyObject(context: CopyContext, item: ClaimedItem, signal?: AbortSignal): Promise<CopiedItem> {
  const partBytes = Math.max(context.partBytes, Math.ceil((item.sizeBytes ?? 0) / mostParts));
  const bytes = Math.min(item.sizeBytes ?? partBytes, partBytes);
  // An object that was under way when two runs ended gets the whole of the next one.
  return await context.memory.use(bytes, item.attempts > 2, async (buffer) => {
    for (let attempt = 1;; attempt++) {
      try {
        return await copyBelieved(context, item, { partBytes, buffer }, signal);
      } catch (error) {
        if (attempt === attempts || !hasCode(error, "source_unavailable")) throw error;
        await context.clock.sleep(500 * 4 ** (attempt - 1), signal);
      }
    }
  });
}

interface PartSpace {
  readonly partBytes: number;
  readonly buffer: Uint8Array<ArrayBuffer>;
}

async function copyBelieved(
  context: CopyContext,
  item: ClaimedItem,
  space: PartSpace,
  signal?: AbortSignal,
): Promise<CopiedItem> {
  const served = await openBelieved(context, item, signal);
  const copy = await copyServed(context, item, served, space, signal);
  if (copy) return copy;
  const object = await openPastCache(context, item, signal);
  return (await copyServed(context, item, { object, pastCache: true }, space, signal))!;
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

function isAsListed(item: ClaimedItem, object: SourceObject): boolean {
  return (item.etag === null || object.etag === undefined || item.etag === object.etag) &&
    (item.sizeBytes === null || object.sizeBytes === undefined || item.sizeBytes === object.sizeBytes);
}

/** Undefined when the bytes are not what the answer said of them and a cache may be to blame. */
async function copyServed(
  context: CopyContext,
  item: ClaimedItem,
  { object, pastCache }: Served,
  space: PartSpace,
  signal?: AbortSignal,
): Promise<CopiedItem | undefined> {
  const identity = isAsListed(item, object) ? item : await identify(context, item, object);
  const label = labelOf(context, item, object, identity);
  const mimeType = identity === item && item.mimeType ? item.mimeType : object.contentType ?? item.mimeType;
  const { options, warning } = describeForS3(
    mimeType ?? undefined,
    (identity === item && item.cacheControl) || object.cacheControl,
    item.userMetadata,
  );
  const { key } = await mediaKey(item.bucket, item.path);
  const copied = await transfer(context, {
    item,
    object,
    key,
    options: { ...options, metadata: { ...options.metadata, [versionMetadata]: label } },
    ...space,
    accept: (bytes) => pastCache || isAsSaid(item, object, bytes),
  }, signal);
  if (!copied) return undefined;
  const { stored, sizeBytes, md5, sha256 } = copied;
  const skew = skewOf(item, object, identity, copied);
  return {
    stored: {
      version: identity.version,
      etag: identity.etag,
      sizeBytes,
      mimeType: mimeType ?? null,
      s3Key: key,
      s3ETag: stored.etag,
      s3VersionId: stored.versionId && stored.versionId !== "null" ? stored.versionId : null,
      archiveKey: (await archiveKey(item.bucket, item.path, label)).key,
      md5,
      sha256,
    },
    ...(skew ? { skew } : {}),
    ...(warning ? { warning } : {}),
  };
}

/** Which version the bytes belong to that are served instead of the listed ones; its version is null if that cannot be told. */
async function identify(
  context: CopyContext,
  item: ClaimedItem,
  object: SourceObject,
): Promise<{ version: string | null; etag: string | null }> {
  const now = await readListedObject(context.session, item.bucket, item.path, context.run.signal);
  if (now && now.version === item.version && now.etag === item.etag) return item;
  const agrees = now !== undefined && (object.etag ? now.etag === object.etag : now.sizeBytes === object.sizeBytes);
  return agrees ? now : { version: null, etag: object.etag ?? null };
}

/** What the copy is called in its archive key: two copies with other bytes must never have the same. */
function labelOf(
  { run }: CopyContext,
  item: ClaimedItem,
  object: SourceObject,
  { version, etag }: { version: string | null; etag: string | null },
): string {
  if (version === null) return etag ?? `${run.recoveryPoint}-${object.sizeBytes ?? "unknown"}`;
  return version === item.version && !isAsListed(item, object)
    ? `${version}-${object.etag ?? object.sizeBytes}`
    : version;
}

/** The bytes agree with what was said of them: as many, and of that MD5 where the ETag is one (single-part uploads). */
function isAsSaid(item: ClaimedItem, object: SourceObject, bytes: TransferredBytes): boolean {
  const size = object.sizeBytes ?? item.sizeBytes ?? bytes.sizeBytes;
  return size === bytes.sizeBytes && !contradictsETag(object.etag ?? item.etag, bytes.md5);
}

function contradictsETag(etag: string | null | undefined, md5: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag ?? "") && etag !== md5;
}

function skewOf(
  item: ClaimedItem,
  object: SourceObject,
  identity: { version: string | null },
  bytes: TransferredBytes,
): Skew | undefined {
  const etag = object.etag ?? item.etag;
  const reason = identity !== item
    ? "It was changed after it was listed; the copy is the newer one."
    : !isAsListed(item, object) || (item.sizeBytes !== null && item.sizeBytes !== bytes.sizeBytes)
    ? "Storage serves other bytes than it lists for this version; the copy is what it serves."
    : contradictsETag(etag, bytes.md5)
    ? "The bytes that Storage serves do not have the MD5 that it gives as their ETag; the copy is what it serves."
    : undefined;
  return reason === undefined ? undefined : {
    reason,
    listed: { version: item.version, etag: item.etag, size: item.sizeBytes },
    served: { version: identity.version, etag: object.etag ?? null, size: bytes.sizeBytes },
  };
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
