import type { MultipartUpload, ObjectStore, PutOptions } from "./object_store.ts";

/**
 * Begins an upload and notes its id where others find it. If that fails, nobody knows of it, and it is given back; if that
 * fails too, the bucket's lifecycle rule does it. Throws what the store and `note` throw.
 */
export async function openNotedUpload(
  store: ObjectStore,
  key: string,
  options: PutOptions,
  note: (uploadId: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<MultipartUpload> {
  const upload = await store.openUpload(key, options, signal);
  try {
    await note(upload.uploadId);
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
  return upload;
}
