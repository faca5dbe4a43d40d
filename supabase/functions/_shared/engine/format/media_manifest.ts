import type { LedgerEntry } from "../../contract/mod.ts";

/**
 * The media manifest names every file of a recovery point and where its bytes lie. It is stored gzipped beside the dump
 * as `backups/<project>-backup-<timestamp>.media.json.gz`, and uncompressed at `media-backups/manifest.json` for
 * people.
 *
 * It names only objects that were stored whole in S3, with their checksum, before the manifest was written. To restore
 * an object, read `s3Key`. If the SHA-256 of those bytes is not `sha256`, a newer version has taken the key; the older
 * bytes are then the version `s3VersionId` of that key, or lie at `archiveKey` where the bucket keeps no versions.
 */
export const MEDIA_MANIFEST_FORMAT = { format: "lifeboat-media", formatVersion: 1 } as const;

export interface MediaManifest extends MediaManifestHead {
  readonly format: "lifeboat-media";
  readonly formatVersion: 1;
  /** In the order of bucket and path (compared as UTF-8 bytes); each stands on a line of its own. */
  readonly objects: readonly ManifestObject[];
  readonly skipped: readonly ManifestSkipped[];
}

export interface MediaManifestHead {
  readonly project: string;
  readonly recoveryPoint: string;
  /** When the object list was read: in the dump's snapshot, or by the media run itself. */
  readonly listedAt: string;
  /** All buckets of the recovery point, empty ones included. */
  readonly buckets: readonly ManifestBucket[];
  readonly totals: MediaTotals;
  readonly ledger: readonly LedgerEntry[];
  /** The R2 inventory of the point. */
  readonly r2: { readonly key: string; readonly checksum: string } | null;
}

export interface MediaTotals {
  readonly files: number;
  readonly bytes: number;
  /**
   * Files copied for this point (`copied`) and files whose version was stored before (`unchanged`); they add up to
   * `files`.
   */
  readonly copied: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly skewed: number;
}

export interface ManifestBucket extends MediaTotals {
  readonly bucket: string;
  /**
   * The bucket's row of `storage.buckets`: public, size limit, MIME types and whatever else the platform keeps there.
   */
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface ManifestObject {
  readonly bucket: string;
  readonly path: string;
  /** Bytes of the copy. `etag` (Storage's), `version`, `contentType` and the checksums are those of the copy, too. */
  readonly size: number;
  readonly etag: string | null;
  /** Null when Storage served another version than was listed and did not say which. */
  readonly version: string | null;
  readonly sha256: string;
  /** Null for a file that was sent in parts. */
  readonly md5: string | null;
  readonly contentType: string | null;
  readonly cacheControl: string | null;
  readonly userMetadata: unknown;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly s3Key: string;
  readonly s3ETag: string;
  readonly s3VersionId: string | null;
  readonly archiveKey: string;
  readonly status: "copied" | "unchanged";
  readonly skew: Skew | null;
}

export interface ManifestSkipped {
  readonly bucket: string;
  readonly path: string;
  readonly size: number | null;
  readonly etag: string | null;
  readonly version: string | null;
  readonly code: string;
  readonly reason: string;
}

/** What differs between the object list and the copy, because Storage served other bytes than were listed. */
export interface Skew {
  readonly reason: string;
  readonly listed: { version: string | null; etag: string | null; size: number | null };
  readonly served: { version: string | null; etag: string | null; size: number };
}
