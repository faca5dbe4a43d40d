import type { StorageUpload } from "../../engine/restore/storage_target.ts";
import { askStorage, type StorageAccess } from "./request.ts";
import { uploadFailure } from "./upload.ts";

/** Size of all chunks but the last. https://supabase.com/docs/guides/storage/uploads/resumable-uploads */
export const TUS_CHUNK_BYTES = 6 * 1024 * 1024;

const VERSION = { "tus-resumable": "1.0.0" };

/**
 * Uploads in chunks by the TUS protocol (https://tus.io/protocols/resumable-upload), so that neither side holds the
 * whole file. The object appears with the last chunk. Returns false when this Storage does not know TUS.
 */
export async function uploadInChunks(
  access: StorageAccess,
  upload: StorageUpload,
  signal?: AbortSignal,
): Promise<boolean> {
  const subject = `${upload.bucket}/${upload.path}`;
  const request = { operation: "storage.upload", subject };
  const begun = await askStorage(access, {
    ...request,
    url: `${access.base}/upload/resumable`,
    method: "POST",
    headers: {
      ...VERSION,
      "x-upsert": String(upload.overwrite),
      "upload-length": String(upload.sizeBytes),
      "upload-metadata": uploadMetadata(upload),
    },
  }, signal);
  const location = begun.headers.get("location");
  if ([404, 405, 501].includes(begun.status)) return false;
  if (begun.status !== 201 || location === null) throw uploadFailure(begun, subject);
  // Only the path is used: the key must not be sent to another host, and a gateway may hide Storage's own name.
  const { pathname, search } = new URL(location, access.base);
  const url = new URL(pathname + search, access.base).href;
  let offset = 0;
  for await (const chunk of chunksOf(await upload.open(signal))) {
    const answer = await askStorage(access, {
      ...request,
      url,
      method: "PATCH",
      headers: { ...VERSION, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) },
      body: chunk,
    }, signal);
    if (answer.status !== 204 && answer.status !== 200) throw uploadFailure(answer, subject);
    offset += chunk.length;
  }
  return true;
}

function uploadMetadata(upload: StorageUpload): string {
  const entries: Record<string, string> = {
    bucketName: upload.bucket,
    objectName: upload.path,
    ...upload.contentType === null ? {} : { contentType: upload.contentType },
    // Storage writes `max-age=` in front by itself.
    ...upload.cacheControl === null ? {} : { cacheControl: upload.cacheControl.replace(/^max-age=(\d+)$/, "$1") },
    ...hasMetadata(upload.userMetadata) ? { metadata: JSON.stringify(upload.userMetadata) } : {},
  };
  return Object.entries(entries).map(([name, value]) => `${name} ${base64(value)}`).join(",");
}

export function hasMetadata(metadata: unknown): boolean {
  return typeof metadata === "object" && metadata !== null && Object.keys(metadata).length > 0;
}

/** Base64 of the UTF-8 bytes of a text. */
export function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** Cuts blocks of any sizes into chunks of one size; the last may be shorter. */
async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(TUS_CHUNK_BYTES);
  let filled = 0;
  for await (const block of body) {
    for (let start = 0; start < block.length;) {
      const taken = Math.min(block.length - start, TUS_CHUNK_BYTES - filled);
      chunk.set(block.subarray(start, start + taken), filled);
      filled += taken;
      start += taken;
      if (filled < TUS_CHUNK_BYTES) continue;
      yield chunk;
      chunk = new Uint8Array(TUS_CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
