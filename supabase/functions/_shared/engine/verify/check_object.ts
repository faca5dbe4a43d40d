import { sha256OfStream } from "../checksum.ts";
import { hasCode } from "../errors.ts";
import type { ListedObject } from "../store/object_store.ts";
import { BackupDamage } from "../format/member.ts";
import type { Damage } from "./damage.ts";
import { locateObject, type ObjectPlace } from "../points/locate_object.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { readAgain } from "./read_again.ts";
import type { VerifyContext } from "./verify_context.ts";
import { WORK } from "./work.ts";

/** What came of one file: `read` when every byte was compared. */
export type ObjectCheck = "read" | "present" | "damaged";

/** Objects can be replaced by a media run between being looked for and being read. */
const ATTEMPTS = 3;

/** What the damage lists call a file. */
export function objectThing({ bucket, path, s3Key }: ManifestObject): Pick<Damage, "half" | "key" | "what"> {
  return { half: "media", key: s3Key, what: `file ${bucket}/${path}` };
}

/** What reading all of a file costs, in the unit of the budget. Whoever chooses a file to be read spends it. */
export function readingCost({ size }: ManifestObject): number {
  return WORK.request + WORK.readByte * size;
}

/** True for a file that one invocation can read. */
export function isReadable({ settings }: Pick<VerifyContext, "settings">, { size }: ManifestObject): boolean {
  return size <= settings.largestFileBytes;
}

/**
 * Looks a file up and, when `wholly`, reads it and compares its SHA-256. One of which the store says that it is not the
 * object that was stored is always read; where it is too large for that, it counts as damaged until it was.
 */
export async function checkObject(
  context: VerifyContext,
  object: ManifestObject,
  listed: ListedObject | undefined,
  wholly: boolean,
): Promise<ObjectCheck> {
  if (!listed) context.budget.spend(WORK.request);
  for (let attempt = 1;; attempt++) {
    try {
      return await checkOnce(context, object, attempt === 1 ? listed : undefined, wholly);
    } catch (error) {
      const isReplaced = hasCode(error, "store_precondition_failed", "object_missing");
      if (!isReplaced || attempt === ATTEMPTS) throw error;
    }
  }
}

async function checkOnce(
  context: VerifyContext,
  object: ManifestObject,
  listed: ListedObject | undefined,
  wholly: boolean,
): Promise<ObjectCheck> {
  const { dependencies, findings, run } = context;
  const thing = objectThing(object);
  const located = await locateObject(dependencies.store, object, listed, run.signal);
  if (located.certain) {
    if (!wholly) return "present";
    if (await isWhole(context, located.place, object)) {
      findings.checked(thing);
      return "read";
    }
    findings.add({ ...thing, code: "checksum_differs", reason: "its bytes are not those that were stored (SHA-256)" });
    return "damaged";
  }
  return await judge(context, object, located.candidates, located.found);
}

/** None of the places holds the object that was stored by the store's own account: its bytes decide. */
async function judge(
  context: VerifyContext,
  object: ManifestObject,
  candidates: readonly ObjectPlace[],
  found: ObjectPlace | undefined,
): Promise<ObjectCheck> {
  const { findings } = context;
  const thing = objectThing(object);
  if (!found) {
    findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
    return "damaged";
  }
  if (candidates.length === 0) {
    const reason = `it has ${found.sizeBytes} bytes, and ${object.size} were stored`;
    findings.add({ ...thing, code: "size_differs", reason });
    return "damaged";
  }
  if (!isReadable(context, object)) {
    const [{ etag }] = candidates;
    const reason = `it has another ETag (${etag}) than what was stored (${object.s3ETag}), and was not read`;
    findings.add({ ...thing, code: "etag_differs", reason });
    return "damaged";
  }
  for (const place of candidates) {
    context.budget.spend(readingCost(object));
    if (await isWhole(context, place, object)) {
      findings.checked(thing);
      return "read";
    }
  }
  findings.add({ ...thing, code: "checksum_differs", reason: "its bytes are not those that were stored (SHA-256)" });
  return "damaged";
}

async function isWhole(context: VerifyContext, place: ObjectPlace, object: ManifestObject): Promise<boolean> {
  const read = async () => {
    if (await sha256At(context, place) !== object.sha256) {
      throw new BackupDamage(place.key, "checksum_differs", "other bytes");
    }
  };
  try {
    await readAgain(read, context.run.signal);
    return true;
  } catch (error) {
    if (error instanceof BackupDamage) return false;
    throw error;
  }
}

async function sha256At({ dependencies, run }: VerifyContext, place: ObjectPlace): Promise<string> {
  const { body } = await dependencies.store.get(
    place.key,
    place.versionId === undefined ? { ifMatch: place.etag } : { versionId: place.versionId },
    run.signal,
  );
  return await sha256OfStream(dependencies.checksums, body);
}
