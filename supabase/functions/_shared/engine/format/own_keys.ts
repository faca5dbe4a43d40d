import { archiveKey, archivePrefix, mediaKey } from "./keys.ts";
import type { ManifestObject } from "./media_manifest.ts";

/**
 * Whether the keys that a media manifest gives a file are that file's: one that was edited must not make anybody read, and
 * call whole, what lies elsewhere.
 */
export async function hasOwnKeys(object: ManifestObject): Promise<boolean> {
  const { key } = await mediaKey(object.bucket, object.path);
  if (object.s3Key !== key || !object.archiveKey.startsWith(archivePrefix)) return false;
  const folder = (await archiveKey(object.bucket, object.path, "-")).key.slice(0, -1);
  const overflow = `${archivePrefix}.overflow/`;
  return object.archiveKey.startsWith(folder) || object.archiveKey.startsWith(overflow);
}
