import type { ManifestObject } from "../format/media_manifest.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ListedObject, ObjectStore } from "../store/object_store.ts";

/** An object or version in the bucket that may hold the bytes of a file. */
export interface ObjectPlace {
  readonly key: string;
  readonly versionId?: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * Where a file was found. `certain` is true when size and ETag are those that were stored. Otherwise `candidates` are
 * the places of the right size, whose bytes have to be compared, and `found` is the first place of any size.
 */
export type LocatedObject =
  | { readonly certain: true; readonly place: ObjectPlace }
  | { readonly certain: false; readonly candidates: readonly ObjectPlace[]; readonly found: ObjectPlace | undefined };

/**
 * Looks for a file of a recovery point in the places where a restore looks: at its key, in the version that was
 * written, and in the archive. A later backup may have put a newer version of the file at the key. `listed` is the
 * entry of the key in a listing, which saves a request. Throws the store's errors; "not found" is not one of them.
 */
export async function locateObject(
  store: ObjectStore,
  object: ManifestObject,
  listed: ListedObject | undefined,
  signal: AbortSignal,
): Promise<LocatedObject> {
  const isIt = (place: ObjectPlace) => place.sizeBytes === object.size && place.etag === object.s3ETag;
  const current = listed ?? await headOrMissing(store, object.s3Key, undefined, signal);
  const places: ObjectPlace[] = current ? [pick(current)] : [];
  if (places.some(isIt)) return { certain: true, place: places[0] };
  if (object.s3VersionId) {
    const written = await headOrMissing(store, object.s3Key, object.s3VersionId, signal);
    if (written) places.push({ ...pick(written), versionId: object.s3VersionId });
  }
  if (!places.some(isIt)) {
    const archived = await headOrMissing(store, object.archiveKey, undefined, signal);
    if (archived) places.push(pick(archived));
  }
  const place = places.find(isIt);
  if (place) return { certain: true, place };
  // A listing may lag behind the newest object at the key.
  const now = listed && await headOrMissing(store, object.s3Key, undefined, signal);
  if (now && isIt(pick(now))) return { certain: true, place: pick(now) };
  return {
    certain: false,
    candidates: places.filter(({ sizeBytes }) => sizeBytes === object.size),
    found: places.at(0),
  };
}

function pick({ key, etag, sizeBytes }: ListedObject): ObjectPlace {
  return { key, etag, sizeBytes };
}
