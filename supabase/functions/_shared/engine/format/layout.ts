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

/** Bytes that a key may have before `S3_PREFIX`; S3 allows 1,024 in all, so a prefix may have 100. */
export const longestKeyBytes = 924;
/** Longest `S3_PREFIX` in bytes, its closing slash included. */
export const longestPrefixBytes = 1024 - longestKeyBytes;
