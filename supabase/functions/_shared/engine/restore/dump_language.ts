/**
 * What a dump is written in, and so must be read in: how tables are named, how columns are encoded, how digests are
 * taken, how statements are sorted, where files lie. The only door from `restore` to what backups write.
 */
export {
  type CatalogueColumn,
  type CatalogueTable,
  quoteIdentifier,
  quoteTable,
  readCatalogue,
  tableName,
} from "../dump/catalogue.ts";
export { decodeJsonExpression } from "../dump/column_encoding.ts";
export { PLATFORM_SCHEMAS } from "../dump/schema/platform.ts";
export { quoteLiteral } from "../dump/schema/guard.ts";
export { RESTORE_PREAMBLE, type SchemaStatement, type Section, type SequenceValue } from "../dump/schema/mod.ts";
export { pinSettings } from "../dump/snapshot.ts";
export { tableDigestSql } from "../dump/table_query.ts";
export type { ManifestBucket, ManifestObject, MediaManifest } from "../media/media_manifest.ts";
export { ListingCursor } from "../points/listing_cursor.ts";
export { locateObject, type ObjectPlace } from "../points/locate_object.ts";
export { MediaManifestDamage, readMediaManifest } from "../points/read_media_manifest.ts";
