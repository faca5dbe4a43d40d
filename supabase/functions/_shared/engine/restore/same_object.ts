import { type Checksums, sha256OfStream } from "../checksum.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import type { StorageTarget } from "./storage_target.ts";

/** What the target has under an object's name. */
export type Presence = "absent" | "equal" | "different";

/**
 * Compares an object of the target with the backup by size, content type and MD5; when one has no MD5 (sent in parts),
 * by its bytes. Throws what Storage throws.
 */
export async function findPresence(
  storage: StorageTarget,
  checksums: Checksums,
  object: ManifestObject,
  signal?: AbortSignal,
): Promise<Presence> {
  const there = await storage.describe(object.bucket, object.path, signal);
  if (!there) return "absent";
  if (there.sizeBytes !== null && there.sizeBytes !== object.size) return "different";
  // With the type application/octet-stream, browsers would not show an image whose bytes are right.
  if (
    there.contentType !== null && object.contentType !== null &&
    essence(there.contentType) !== essence(object.contentType)
  ) {
    return "different";
  }
  if (object.md5 !== null && there.etag !== null && /^[0-9a-f]{32}$/.test(there.etag)) {
    return there.etag === object.md5 ? "equal" : "different";
  }
  const sha256 = await sha256OfStream(checksums, await storage.read(object.bucket, object.path, signal));
  return sha256 === object.sha256 ? "equal" : "different";
}

/** `text/html` for `Text/HTML; charset=UTF-8`: parameters may have been added on the way. */
function essence(contentType: string): string {
  return contentType.split(";", 1)[0].trim().toLowerCase();
}
