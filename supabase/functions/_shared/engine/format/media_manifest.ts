import type { LedgerEntry } from "../../contract/mod.ts";

/**
 * The media manifest: every file of a recovery point and where its bytes lie. Stored gzipped beside the dump as
 * `backups/<project>-backup-<timestamp>.media.json.gz`, and as it is at `media-backups/manifest.json` for people.
 *
 * It names only objects that lay in S3 whole, with their checksum, before it was written. To restore an object: read
 * `s3Key`; if its SHA-256 is not `sha256`, a newer version has taken the key, and the older one is at `s3VersionId` of
 * that key, or at `archiveKey` where the bucket keeps no versions.
 */
export const mediaManifestFormat = { format: "lifeboat-media", formatVersion: 1 } as const;

export interface MediaManifest extends MediaManifestHead {
  readonly format: "lifeboat-media";
  readonly formatVersion: 1;
  /** By bucket and path (UTF-8 bytes), one to a line. */
  readonly objects: readonly ManifestObject[];
  readonly skipped: readonly ManifestSkipped[];
}

export interface MediaManifestHead {
  readonly project: string;
  readonly recoveryPoint: string;
  /** When the object list was read: in the dump's snapshot, or by the media run itself. */
  readonly listedAt: string;
  /** Buckets of the point, those without files included. */
  readonly buckets: readonly ManifestBucket[];
  readonly totals: MediaTotals;
  readonly ledger: readonly LedgerEntry[];
  /** The R2 inventory of the point. */
  readonly r2: { readonly key: string; readonly checksum: string } | null;
}

export interface MediaTotals {
  readonly files: number;
  readonly bytes: number;
  /** Files copied for this point, and files that lay in S3 in their version already. Together: `files`. */
  readonly copied: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly skewed: number;
}

export interface ManifestBucket extends MediaTotals {
  readonly bucket: string;
  /** The row of `storage.buckets`: public, size limit, MIME types and whatever else the platform keeps there. */
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface ManifestObject {
  readonly bucket: string;
  readonly path: string;
  /** Of the copy, like `etag` (Storage's), `version`, `contentType` and the checksums. */
  readonly size: number;
  readonly etag: string | null;
  /** Null when another version was served than listed, and which one could not be told. */
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

/** What differs between the list and the copy. */
export interface Skew {
  readonly reason: string;
  readonly listed: { version: string | null; etag: string | null; size: number | null };
  readonly served: { version: string | null; etag: string | null; size: number };
}
