import type { DumpManifest } from "../../contract/mod.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ObjectInfo, ObjectStore } from "../store/object_store.ts";

/** Which bytes of the bucket are the dump. */
export interface LocatedDump {
  readonly sizeBytes: number;
  readonly etag: string;
  /** Undefined for the newest at the key. */
  readonly versionId?: string;
  /** True where the store says by size and ETag that these are the bytes that were written; else only reading can tell. */
  readonly asWritten: boolean;
  /** What happened to the key when an older version of it had to be taken. */
  readonly replaced?: "written over" | "deleted";
}

/**
 * Finds the dump's object: the newest at its key, or the version that was written where somebody put another in its
 * place. Undefined when the store says that neither is there. Throws the store's other errors. May be repeated.
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

/** Why bytes of this size cannot be the dump, as the end of a sentence; undefined where they can. */
export function sizeDifference({ dump }: DumpManifest, located: LocatedDump): string | undefined {
  return located.sizeBytes === dump.sizeBytes
    ? undefined
    : `it has ${located.sizeBytes} bytes, and ${dump.sizeBytes} were stored`;
}

function pick({ sizeBytes, etag }: ObjectInfo): Pick<LocatedDump, "sizeBytes" | "etag"> {
  return { sizeBytes, etag };
}
