import type { MultipartUpload, ObjectStore, StoredObject, UploadedPart } from "./object_store.ts";

/** What would have been written. */
export type WouldWrite =
  | { readonly kind: "put"; readonly key: string; readonly sizeBytes: number }
  | { readonly kind: "copy"; readonly key: string; readonly fromKey: string; readonly sizeBytes: number }
  | { readonly kind: "remove"; readonly key: string };

export interface DryRunStore extends ObjectStore {
  /** In the order in which the writes would have happened. */
  readonly wouldWrite: readonly WouldWrite[];
}

/** The ETag of what was not stored. Never equals a real one. */
const dryRunETag = "dry-run";

/**
 * Lets reads through and does no write: it records what would be done. A read after such a write sees the bucket as it
 * is, without it. Streams are read to their end, so that their size is known and their failures show.
 */
export function dryRunStore(store: ObjectStore): DryRunStore {
  const wouldWrite: WouldWrite[] = [];
  const put = (key: string, sizeBytes: number): StoredObject => {
    wouldWrite.push({ kind: "put", key, sizeBytes });
    return { key, etag: dryRunETag, sizeBytes };
  };
  return {
    wouldWrite,
    head: (key, options, signal) => store.head(key, options, signal),
    get: (key, options, signal) => store.get(key, options, signal),
    list: (prefix, signal, after) => store.list(prefix, signal, after),
    put: (key, body) => Promise.resolve(put(key, body.byteLength)),
    async putStream(key, body, _options, signal) {
      let sizeBytes = 0;
      for await (const chunk of body) {
        signal?.throwIfAborted();
        sizeBytes += chunk.byteLength;
      }
      return put(key, sizeBytes);
    },
    openUpload: (key, options) =>
      Promise.resolve(dryRunUpload(options.uploadId ?? dryRunETag, (size) => put(key, size))),
    async copy(fromKey, toKey, options = {}, signal) {
      const { sizeBytes } = await store.head(fromKey, { versionId: options.versionId }, signal);
      wouldWrite.push({ kind: "copy", key: toKey, fromKey, sizeBytes });
      return { key: toKey, etag: dryRunETag, sizeBytes };
    },
    remove(keys) {
      wouldWrite.push(...keys.map((key) => ({ kind: "remove", key }) as const));
      return Promise.resolve();
    },
  };
}

function dryRunUpload(uploadId: string, put: (sizeBytes: number) => StoredObject): MultipartUpload {
  const sum = (parts: readonly UploadedPart[]) => parts.reduce((bytes, part) => bytes + part.sizeBytes, 0);
  return {
    uploadId,
    putPart: (number, bytes) => Promise.resolve({ number, etag: dryRunETag, sizeBytes: bytes.byteLength }),
    complete: (parts) => Promise.resolve(put(sum(parts))),
    abort: () => Promise.resolve(),
  };
}
