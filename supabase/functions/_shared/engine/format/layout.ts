import type { KeyLimits } from "./safe_key.ts";

/**
 * Where everything lies in S3 (docs/DESIGN.md, "What lies in S3"). Keys are written without `S3_PREFIX`: `prefixedStore`
 * puts that in front. All functions are pure; the ones that may need a SHA-256 are asynchronous because Web Crypto is.
 */

/** Ownership marker: which project writes to this bucket. */
export const markerKey = "lifeboat.json";
/** The recovery guide, stored anew with each backup. */
export const guideKey = "backups/DISASTER_RECOVERY.md";
/** The newest media manifest and R2 inventory, for people. Each point has its own beside its dump. */
export const newestMediaManifestKey = "media-backups/manifest.json";
export const newestR2InventoryKey = "media-backups/r2-inventory.json";
/** All that belongs to recovery points lies under this prefix. */
export const pointsPrefix = "backups/";
/** Newest copy of each object, and superseded copies where the bucket keeps no versions. */
export const mediaPrefix = "media-backups/";
export const archivePrefix = "media-archive/";

/**
 * What the names of objects may take before they go to an overflow key. S3 allows 1,024 bytes in all, which leaves 100 for
 * `S3_PREFIX`. Servers that keep objects as files allow 255 bytes between two slashes less what they append themselves
 * (versitygw fails to overwrite a name of 255, s3rver ends at 235).
 */
export const keyLimits: KeyLimits = { keyBytes: 924, segmentBytes: 200 };
/** Longest `S3_PREFIX` in bytes, its closing slash included. */
export const longestPrefixBytes = 1024 - keyLimits.keyBytes;
