import type { DumpManifest } from "../../contract/mod.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ObjectInfo, ObjectStore } from "../store/object_store.ts";

/** Where the bytes of the dump lie at the dump's key. */
export interface LocatedDump {
  readonly sizeBytes: number;
  readonly etag: string;
  /** The version that holds the dump; undefined when the newest version at the key does. */
  readonly versionId?: string;
  /**
   * True when size and ETag are those that were written. Otherwise only reading the bytes shows whether they are whole.
   */
  readonly asWritten: boolean;
  /** What somebody did to the key, when an older version of it holds the dump. */
  readonly replaced?: "written over" | "deleted";
}

/**
 * Finds the dump's object: the newest at its key or, where somebody replaced or deleted that, the version that the
 * backup wrote. Returns undefined when the store says that neither exists. Throws the store's other errors. May be
 * repeated.
 */
export async function locateDump(
  store: ObjectStore,
  { dump }: DumpManifest,
  signal?: AbortSignal,
): Promise<LocatedDump | undefined> {
  const isAsWritten = (info: ObjectInfo) => info.sizeBytes === dump.sizeBytes && info.etag === dump.etag;
  const newest = await headOrMissing(store, dump.key, undefined, signal);
  if (newest && isAsWritten(newest)) return { ...pick(newest), asWritten: true };
  const written = dump.versionId ? await headOrMissing(store, dump.key, dump.versionId, signal) : undefined;
  if (dump.versionId && written && isAsWritten(written)) {
    const replaced = newest ? "written over" : "deleted";
    return { ...pick(written), versionId: dump.versionId, asWritten: true, replaced };
  }
  return newest && { ...pick(newest), asWritten: false };
}

/** Why bytes of this size cannot be the dump, as the end of a sentence; undefined when the size is right. */
export function sizeDifference({ dump }: DumpManifest, located: LocatedDump): string | undefined {
  return located.sizeBytes === dump.sizeBytes
    ? undefined
    : `it has ${located.sizeBytes} bytes, and ${dump.sizeBytes} were stored`;
}

function pick({ sizeBytes, etag }: ObjectInfo): Pick<LocatedDump, "sizeBytes" | "etag"> {
  return { sizeBytes, etag };
}
