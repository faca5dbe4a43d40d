import type { Checksums } from "../checksum.ts";
import { hasCode } from "../errors.ts";
import type { ObjectStore, PutOptions, StoredObject } from "./object_store.ts";

/**
 * Stores an object under a key that must be free. A request whose answer was lost is repeated by the store's decorator,
 * and the repetition then finds the key taken, by ourselves: what lies there is read back, and the same bytes count as
 * stored. Throws `store_precondition_failed` when they are others, and what the store throws. May be repeated.
 */
export async function putOnce(
  store: ObjectStore,
  checksums: Checksums,
  key: string,
  body: Uint8Array<ArrayBuffer>,
  options: PutOptions,
  signal?: AbortSignal,
): Promise<StoredObject> {
  try {
    return await store.put(key, body, { ...options, ifNoneMatch: true }, signal);
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed")) throw error;
    const found = await store.get(key, {}, signal);
    const sum = checksums.sha256();
    for await (const bytes of found.body) sum.update(bytes);
    const wanted = checksums.sha256();
    wanted.update(body);
    if (sum.hex() !== wanted.hex()) throw error;
    const { etag, versionId, sizeBytes } = found.info;
    return { key, etag, sizeBytes, ...versionId && { versionId } };
  }
}
