import { archiveKey, mediaKey } from "../../format/keys.ts";
import type { StoredObject } from "../../store/object_store.ts";
import type { ClaimedItem, CopiedItem, CopyPlan } from "./claimed_item.ts";
import type { Skew } from "../../format/media_manifest.ts";
import { VERSION_METADATA } from "./replace_current.ts";
import { describeForS3 } from "./put_options.ts";
import type { SourceObject } from "../storage_source.ts";

/** What `storage.objects` says of one object at this moment. */
export interface StorageListing {
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number | null;
}

export interface CopiedBytes {
  readonly sizeBytes: number;
  readonly md5: string | null;
  readonly sha256: string;
}

export interface PlanContext {
  readonly recoveryPoint: string;
  /** What Storage's table says of the object at this moment; asked for only when Storage serves another one than listed. */
  readonly listedNow: () => Promise<StorageListing | undefined>;
}

/** Decides where the bytes that Storage is about to send go, and as which version. */
export async function planCopy(
  context: PlanContext,
  item: ClaimedItem,
  object: SourceObject,
  pastCache: boolean,
): Promise<CopyPlan> {
  const identity = isAsListed(item, object) ? item : await identify(context, item, object);
  const label = labelOf(context.recoveryPoint, item, object, identity);
  const mimeType = identity === item && item.mimeType ? item.mimeType : object.contentType ?? item.mimeType;
  const { options, warning } = describeForS3(
    mimeType ?? undefined,
    (identity === item && item.cacheControl) || object.cacheControl,
    item.userMetadata,
  );
  return {
    key: (await mediaKey(item.bucket, item.path)).key,
    archiveKey: (await archiveKey(item.bucket, item.path, label)).key,
    options: { ...options, metadata: { ...options.metadata, [VERSION_METADATA]: label } },
    warning: warning ?? null,
    mimeType: mimeType ?? null,
    version: identity.version,
    etag: identity.etag,
    isListedVersion: identity === item,
    isAsListed: isAsListed(item, object),
    served: { etag: object.etag ?? null, sizeBytes: object.sizeBytes ?? null },
    pastCache,
  };
}

/** What is remembered of the copy, with the difference from what was listed. */
export function copiedItem(item: ClaimedItem, plan: CopyPlan, bytes: CopiedBytes, stored: StoredObject): CopiedItem {
  const skew = skewOf(item, plan, bytes);
  return {
    stored: {
      version: plan.version,
      etag: plan.etag,
      sizeBytes: bytes.sizeBytes,
      mimeType: plan.mimeType,
      s3Key: plan.key,
      s3ETag: stored.etag,
      s3VersionId: stored.versionId && stored.versionId !== "null" ? stored.versionId : null,
      archiveKey: plan.archiveKey,
      md5: bytes.md5,
      sha256: bytes.sha256,
    },
    ...(skew ? { skew } : {}),
    ...(plan.warning ? { warning: plan.warning } : {}),
  };
}

export function isAsListed(item: ClaimedItem, object: SourceObject): boolean {
  return (item.etag === null || object.etag === undefined || item.etag === object.etag) &&
    (item.sizeBytes === null || object.sizeBytes === undefined || item.sizeBytes === object.sizeBytes);
}

/** Whether an answer is of the version that the plan is for. */
export function isServed({ served }: CopyPlan, { etag, sizeBytes }: SourceObject): boolean {
  return (etag ?? null) === served.etag && (sizeBytes ?? null) === served.sizeBytes;
}

/**
 * The bytes agree with what was said of them: as many, and of that MD5 where the ETag is one (single-part uploads) and
 * they were sent as one.
 */
export function isAsSaid(item: ClaimedItem, plan: CopyPlan, bytes: CopiedBytes): boolean {
  const size = plan.served.sizeBytes ?? item.sizeBytes ?? bytes.sizeBytes;
  return size === bytes.sizeBytes && !contradictsETag(plan.served.etag ?? item.etag, bytes.md5);
}

function contradictsETag(etag: string | null, md5: string | null): boolean {
  return md5 !== null && /^[0-9a-f]{32}$/.test(etag ?? "") && etag !== md5;
}

/** Which version the bytes belong to that are served instead of the listed ones; its version is null if that cannot be told. */
async function identify(
  context: PlanContext,
  item: ClaimedItem,
  object: SourceObject,
): Promise<{ version: string | null; etag: string | null }> {
  const now = await context.listedNow();
  if (now && now.version === item.version && now.etag === item.etag) return item;
  const agrees = now !== undefined && (object.etag ? now.etag === object.etag : now.sizeBytes === object.sizeBytes);
  return agrees ? now : { version: null, etag: object.etag ?? null };
}

/** What the copy is called in its archive key: two copies with other bytes must never have the same. */
function labelOf(
  recoveryPoint: string,
  item: ClaimedItem,
  object: SourceObject,
  { version, etag }: { version: string | null; etag: string | null },
): string {
  if (version === null) return etag ?? `${recoveryPoint}-${object.sizeBytes ?? "unknown"}`;
  return version === item.version && !isAsListed(item, object)
    ? `${version}-${object.etag ?? object.sizeBytes}`
    : version;
}

function skewOf(item: ClaimedItem, plan: CopyPlan, bytes: CopiedBytes): Skew | undefined {
  const etag = plan.served.etag ?? item.etag;
  const reason = !plan.isListedVersion
    ? "It was changed after it was listed; the copy is the newer one."
    : !plan.isAsListed || (item.sizeBytes !== null && item.sizeBytes !== bytes.sizeBytes)
    ? "Storage serves other bytes than it lists for this version; the copy is what it serves."
    : contradictsETag(etag, bytes.md5)
    ? "The bytes that Storage serves do not have the MD5 that it gives as their ETag; the copy is what it serves."
    : undefined;
  return reason === undefined ? undefined : {
    reason,
    listed: { version: item.version, etag: item.etag, size: item.sizeBytes },
    served: { version: plan.version, etag: plan.served.etag, size: bytes.sizeBytes },
  };
}
