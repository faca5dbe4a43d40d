import { hasCode } from "../errors.ts";
import type { ObjectInfo, ObjectStore } from "./object_store.ts";

/** What the store knows of an object; undefined only when it says that there is none. */
export async function headOrMissing(
  store: ObjectStore,
  key: string,
  versionId: string | undefined,
  signal?: AbortSignal,
): Promise<ObjectInfo | undefined> {
  try {
    return await store.head(key, versionId === undefined ? {} : { versionId }, signal);
  } catch (error) {
    if (hasCode(error, "object_missing")) return undefined;
    throw error;
  }
}
