import type { ManifestObject } from "../format/media_manifest.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ListedObject, ObjectStore } from "../store/object_store.ts";

/** Where the bytes of a file may lie. */
export interface ObjectPlace {
  readonly key: string;
  readonly versionId?: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** `certain`: the store says that it is the very object that was stored; else only its bytes can tell. */
export type LocatedObject =
  | { readonly certain: true; readonly place: ObjectPlace }
  | { readonly certain: false; readonly candidates: readonly ObjectPlace[]; readonly found: ObjectPlace | undefined };

/**
 * Looks for a file of a recovery point where a restore would: its key, the version that was written, the archive. Later
 * points may have put a newer version at the key. `listed` is what a listing said of the key, so that it need not be
 * asked for again. Throws what the store throws when it does not answer.
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
  // A listing may lag behind.
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
