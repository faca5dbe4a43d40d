import { sha256OfStream } from "../checksum.ts";
import { hasCode } from "../errors.ts";
import { backupDamaged } from "./backup_damaged.ts";
import { locateObject, type ObjectPlace } from "../points/locate_object.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import type { PointReader } from "../points/read_members.ts";

/**
 * Opens the bytes of a file of a recovery point: at its key if that still holds the recorded version, else as an older
 * version of the key, else at its archive key. The stream yields its last block only after size and SHA-256 have proved
 * right, so a damaged file is never complete anywhere. Throws `backup_damaged` and the store's errors.
 */
export async function openObject(
  reader: Pick<PointReader, "store" | "checksums">,
  object: ManifestObject,
  signal?: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const expected = await openExpected(reader, object, signal);
  if (expected) return expected.pipeThrough(proving(reader, object));
  const { key, versionId, etag } = await findPlace(reader, object, signal);
  try {
    const { body } = await reader.store.get(
      key,
      versionId === undefined ? { ifMatch: etag } : { versionId },
      signal,
    );
    return body.pipeThrough(proving(reader, object));
  } catch (error) {
    if (hasCode(error, "object_missing", "store_precondition_failed")) {
      throw damaged(object, "was replaced while it was read", error);
    }
    throw error;
  }
}

/** Opens the object at its own key, where nearly all lie, by one request. Undefined when another version is there. */
async function openExpected(
  { store }: Pick<PointReader, "store">,
  { s3Key, s3ETag, size }: ManifestObject,
  signal?: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
  try {
    const { info, body } = await store.get(s3Key, { ifMatch: s3ETag }, signal);
    // Some stores ignore the condition.
    if (info.etag === s3ETag && info.sizeBytes === size) return body;
    await body.cancel();
  } catch (error) {
    if (!hasCode(error, "object_missing", "store_precondition_failed")) throw error;
  }
  return undefined;
}

async function findPlace(
  reader: Pick<PointReader, "store" | "checksums">,
  object: ManifestObject,
  signal: AbortSignal = new AbortController().signal,
): Promise<ObjectPlace> {
  const located = await locateObject(reader.store, object, undefined, signal);
  if (located.certain) return located.place;
  // No candidate has the recorded ETag (a copied bucket has other ETags), so the bytes decide.
  for (const place of located.candidates) {
    const { body } = await reader.store.get(
      place.key,
      place.versionId === undefined ? {} : { versionId: place.versionId },
      signal,
    );
    if (await sha256OfStream(reader.checksums, body) === object.sha256) return place;
  }
  throw damaged(
    object,
    located.found ? "is not in the bucket any more: other bytes lie in its place" : "is missing from the bucket",
  );
}

/** Passes all blocks on, but holds the last one back until size and SHA-256 are proved. */
function proving(
  { checksums }: Pick<PointReader, "checksums">,
  object: ManifestObject,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const sum = checksums.sha256();
  let bytes = 0;
  let held: Uint8Array<ArrayBuffer> | undefined;
  return new TransformStream({
    transform(block, controller) {
      sum.update(block);
      bytes += block.length;
      if (held) controller.enqueue(held);
      held = block;
    },
    flush(controller) {
      if (bytes !== object.size) throw damaged(object, `has ${bytes} bytes, not ${object.size}`);
      if (sum.hex() !== object.sha256) throw damaged(object, "has another checksum than when it was written");
      if (held) controller.enqueue(held);
    },
  });
}

function damaged(object: ManifestObject, what: string, cause?: unknown) {
  const name = `${object.bucket}/${object.path}`;
  return backupDamaged(name, `file ${name} ${what}`, cause);
}
