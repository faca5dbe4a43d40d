import type { Checksums } from "../checksum.ts";
import { LifeboatError } from "../errors.ts";
import type { ObjectStore } from "../store/object_store.ts";

export interface WrittenManifest {
  readonly key: string;
  readonly bytes: number;
  /** `sha256:<hex>` of the object as it lies in S3. */
  readonly checksum: string;
}

/**
 * A manifest that lies at the key already counts as ours when it is gzip of the same text: `trailer` is how ours ends, the
 * CRC-32 and the length of the text. Throws `media_manifest_differs` when it is not.
 */
export async function adoptManifest(
  { store, checksums }: { readonly store: ObjectStore; readonly checksums: Checksums },
  key: string,
  trailer: Uint8Array,
  signal: AbortSignal,
): Promise<WrittenManifest> {
  const { body } = await store.get(key, undefined, signal);
  const sum = checksums.sha256();
  let bytes = 0;
  let end = new Uint8Array(0);
  for await (const block of body) {
    sum.update(block);
    bytes += block.length;
    const last = block.subarray(-trailer.length);
    end = new Uint8Array([...end, ...last]).subarray(-trailer.length);
  }
  if (trailer.every((byte, i) => byte === end[i])) return { key, bytes, checksum: `sha256:${sum.hex()}` };
  throw new LifeboatError({
    code: "media_manifest_differs",
    kind: "conflict",
    message: `Another media manifest lies at ${key} already, so this one was not written.`,
    hint: "Start a new backup: it gets a recovery point of its own.",
    operation: "media.manifest",
    subject: key,
  });
}
