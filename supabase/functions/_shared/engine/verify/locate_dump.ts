import type { DumpManifest } from "../../contract/mod.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ObjectInfo, ObjectStore } from "../store/object_store.ts";
import type { Findings } from "./damage.ts";

/** Which bytes are the dump, and whether the store says that they are those that were written. */
export interface LocatedDump {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly versionId?: string;
  readonly asWritten: boolean;
}

/** What the damage lists call the dump as a whole. */
export const WHOLE_DUMP = "the dump";

/**
 * Finds the dump's object: the newest at its key, or the version that was written where somebody put another in its
 * place. Undefined when the store says that neither is there, which is noted. Throws the store's other errors.
 */
export async function locateDump(
  store: ObjectStore,
  { dump }: DumpManifest,
  findings: Findings,
  signal: AbortSignal,
): Promise<LocatedDump | undefined> {
  const thing = { half: "database", key: dump.key, what: WHOLE_DUMP } as const;
  const isAsWritten = (info: ObjectInfo) => info.sizeBytes === dump.sizeBytes && info.etag === dump.etag;
  const newest = await headOrMissing(store, dump.key, undefined, signal);
  if (newest && isAsWritten(newest)) {
    findings.checked(thing);
    return { ...pick(newest), asWritten: true };
  }
  const written = dump.versionId ? await headOrMissing(store, dump.key, dump.versionId, signal) : undefined;
  if (dump.versionId && written && isAsWritten(written)) {
    findings.checked(thing);
    findings.warnings.push(
      `${dump.key} was ${newest ? "written over" : "deleted"}; the version that was stored is still there.`,
    );
    return { ...pick(written), versionId: dump.versionId, asWritten: true };
  }
  if (!newest) {
    findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
    return undefined;
  }
  if (newest.sizeBytes !== dump.sizeBytes) {
    findings.add({
      ...thing,
      code: "size_differs",
      reason: `it has ${newest.sizeBytes} bytes, and ${dump.sizeBytes} were stored`,
    });
  }
  return { ...pick(newest), asWritten: false };
}

function pick({ sizeBytes, etag }: ObjectInfo): Pick<LocatedDump, "sizeBytes" | "etag"> {
  return { sizeBytes, etag };
}
