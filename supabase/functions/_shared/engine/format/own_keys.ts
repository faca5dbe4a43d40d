import { ARCHIVE_PREFIX, archiveKey, mediaKey } from "./keys.ts";
import type { ManifestObject } from "./media_manifest.ts";

/**
 * Whether the keys that a media manifest names for a file are those that the file's bucket and path lead to. An edited
 * manifest could otherwise make a verify read bytes that lie elsewhere and call the file whole.
 */
export async function hasOwnKeys(object: ManifestObject): Promise<boolean> {
  const { key } = await mediaKey(object.bucket, object.path);
  if (object.s3Key !== key || !object.archiveKey.startsWith(ARCHIVE_PREFIX)) return false;
  const folder = (await archiveKey(object.bucket, object.path, "-")).key.slice(0, -1);
  const overflow = `${ARCHIVE_PREFIX}.overflow/`;
  return object.archiveKey.startsWith(folder) || object.archiveKey.startsWith(overflow);
}
