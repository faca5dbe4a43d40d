import type { Skew } from "../../format/media_manifest.ts";
import type { PutOptions, UploadedPart } from "../../store/object_store.ts";

/** One object that an invocation has claimed, as it was listed. */
export interface ClaimedItem {
  readonly position: number;
  readonly bucket: string;
  readonly path: string;
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number | null;
  readonly mimeType: string | null;
  readonly cacheControl: string | null;
  readonly userMetadata: unknown;
  /** Invocations that ended while it was in their batch, two at most, and from then on while they copied it. */
  readonly attempts: number;
  /** What lies at its current key, when Lifeboat put it there. */
  readonly current: StoredCopy | null;
  /** Parts that another invocation has sent. */
  readonly upload: OpenUpload | null;
}

/** A copy in S3, as `lifeboat.media_objects` knows it. */
export interface StoredCopy {
  readonly version: string | null;
  readonly etag: string | null;
  readonly sizeBytes: number;
  readonly mimeType: string | null;
  readonly s3Key: string;
  readonly s3ETag: string;
  readonly s3VersionId: string | null;
  readonly archiveKey: string;
  readonly archived: boolean;
  /** Null for what was sent in parts: each part has its own. */
  readonly md5: string | null;
  readonly sha256: string;
}

/** What is remembered of a copied object. */
export interface CopiedItem {
  readonly stored: Omit<StoredCopy, "archived">;
  readonly skew?: Skew;
  readonly warning?: string;
}

/** What a copy will be, decided by the first answer of Storage. Plain JSON: an upload in parts is carried on with it. */
export interface CopyPlan {
  readonly key: string;
  readonly archiveKey: string;
  readonly options: PutOptions;
  readonly warning: string | null;
  readonly mimeType: string | null;
  /** Of the version that the bytes belong to; the version is null if that could not be told. */
  readonly version: string | null;
  readonly etag: string | null;
  /** It is the listed version, and Storage says of it what it listed. */
  readonly isListedVersion: boolean;
  readonly isAsListed: boolean;
  readonly served: { readonly etag: string | null; readonly sizeBytes: number | null };
  /** Asked for past every cache: what came is the object. */
  readonly pastCache: boolean;
}

/** A multipart upload that any invocation can go on with. */
export interface OpenUpload {
  readonly uploadId: string;
  readonly partBytes: number;
  readonly plan: CopyPlan;
  readonly parts: readonly UploadedPart[];
  /** State of the SHA-256 over the bytes of `parts`, in Base64. */
  readonly sha256State: string;
}
