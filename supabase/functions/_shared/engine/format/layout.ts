import type { KeyLimits } from "./safe_key.ts";

/**
 * Where everything lies in S3 (docs/DESIGN.md, "What lies in S3"). Keys are written here without `S3_PREFIX`;
 * `prefixedStore` puts the prefix in front. The functions that make keys are pure. Those that may need a SHA-256 are
 * asynchronous, because Web Crypto is.
 */

/** The ownership marker, which says which project writes to this bucket. */
export const markerKey = "lifeboat.json";
/** The recovery guide, stored anew with each backup. */
export const guideKey = "backups/DISASTER_RECOVERY.md";
/**
 * Copies of the newest media manifest and R2 inventory, for people to read. No program reads them: each recovery point
 * has a media manifest and an R2 inventory of its own beside its dump.
 */
export const newestMediaManifestKey = "media-backups/manifest.json";
export const newestR2InventoryKey = "media-backups/r2-inventory.json";
/** The prefix of every file of every recovery point, apart from the copies of Storage objects. */
export const pointsPrefix = "backups/";
/** The prefixes of the newest copy of each object, and of superseded copies where the bucket keeps no versions. */
export const mediaPrefix = "media-backups/";
export const archivePrefix = "media-archive/";

/**
 * Greatest length of a key made of an object's own name; longer names get an overflow key. S3 allows 1,024 bytes in
 * all, so 924 leave 100 bytes for `S3_PREFIX`. Servers that keep objects as files allow 255 bytes between two slashes,
 * less what they append themselves: versitygw fails to overwrite a name of 255 bytes, s3rver ends at 235.
 */
export const keyLimits: KeyLimits = { keyBytes: 924, segmentBytes: 200 };
/** Greatest length of `S3_PREFIX` in bytes, its closing slash included. */
export const longestPrefixBytes = 1024 - keyLimits.keyBytes;
