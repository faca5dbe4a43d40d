import type { KeyLimits } from "./safe_key.ts";

/**
 * Where everything lies in S3 (docs/DESIGN.md, "What lies in S3"). Keys are written here without `S3_PREFIX`;
 * `prefixedStore` puts the prefix in front. The functions that make keys are pure. Those that may need a SHA-256 are
 * asynchronous, because Web Crypto is.
 */

/** The ownership marker, which says which project writes to this bucket. */
export const MARKER_KEY = "lifeboat.json";
/** The recovery guide, stored anew with each backup. */
export const GUIDE_KEY = "backups/DISASTER_RECOVERY.md";
/**
 * Copies of the newest media manifest and R2 inventory, for people to read. No program reads them: each recovery point
 * has a media manifest and an R2 inventory of its own beside its dump.
 */
export const NEWEST_MEDIA_MANIFEST_KEY = "media-backups/manifest.json";
export const NEWEST_R2_INVENTORY_KEY = "media-backups/r2-inventory.json";
/** The prefix of every file of every recovery point, apart from the copies of Storage objects. */
export const POINTS_PREFIX = "backups/";
/** The prefixes of the newest copy of each object, and of superseded copies where the bucket keeps no versions. */
export const MEDIA_PREFIX = "media-backups/";
export const ARCHIVE_PREFIX = "media-archive/";

/**
 * Greatest length of a key made of an object's own name; longer names get an overflow key. S3 allows 1,024 bytes in
 * all, so 924 leave 100 bytes for `S3_PREFIX`. Servers that keep objects as files allow 255 bytes between two slashes,
 * less what they append themselves: versitygw fails to overwrite a name of 255 bytes, s3rver ends at 235.
 */
export const KEY_LIMITS: KeyLimits = { keyBytes: 924, segmentBytes: 200 };
/** Greatest length of `S3_PREFIX` in bytes, its closing slash included. */
export const LONGEST_PREFIX_BYTES = 1024 - KEY_LIMITS.keyBytes;
