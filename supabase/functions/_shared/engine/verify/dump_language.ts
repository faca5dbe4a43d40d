/** What backups write, and so what verify must understand. The only door from `verify` to their side. */
export { tableName } from "../dump/catalogue.ts";
export { type ManifestObject, mediaManifestFormat, type MediaManifestHead } from "../media/media_manifest.ts";
export { ListingCursor } from "../points/listing_cursor.ts";
export { locateObject, type ObjectPlace } from "../points/locate_object.ts";
export { hasOwnKeys } from "../points/own_keys.ts";
export { readManifest } from "../points/read_manifest.ts";
export { MediaManifestDamage, type MediaManifestReading, readMediaManifest } from "../points/read_media_manifest.ts";
