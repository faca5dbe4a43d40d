import { type Checksums, sha256OfStream } from "../checksum.ts";
import type { Database } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { mediaManifestKey } from "../format/keys.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { locateObject, readMediaManifest } from "../points/mod.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { isStored, readPointRecord } from "../verify/point_record.ts";

export interface FilesCheck {
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly random: () => number;
  readonly database: Database;
}

/**
 * Number of files that are fetched, and greatest size of each in bytes. A drill only shows that files can be restored;
 * whether all of them are whole is for a verify to find out.
 */
const SAMPLES = 5;
const LARGEST_BYTES = 64 * 1024 * 1024;

/**
 * Fetches a few random files of the recovery point as a restore would, and compares their bytes. Returns a remark when
 * there is no file to fetch. Throws `drill_file_differs`, `drill_files_gone`, MediaManifestDamage and the errors of
 * store and database.
 */
export async function fetchSamples(
  { store, checksums, random, database }: FilesCheck,
  point: { readonly project: string; readonly recoveryPoint: string },
  signal: AbortSignal,
): Promise<string | void> {
  const key = mediaManifestKey(point.project, point.recoveryPoint);
  if (!await headOrMissing(store, key, undefined, signal)) {
    if (await wereStored(database, point, signal)) throw filesGone(key);
    return "The files of this point are not stored (yet).";
  }
  const { body } = await store.get(key, {}, signal);
  const { objects } = await readMediaManifest(new Uint8Array(await new Response(body).arrayBuffer()), key);
  const samples = await choose(objects, random);
  if (samples.length === 0) return "The point has no files.";
  for (const object of samples) {
    const located = await locateObject(store, object, undefined, signal);
    const places = located.certain ? [located.place] : located.candidates;
    let isWhole = false;
    for (const place of places) isWhole ||= await sha256At({ store, checksums }, place, signal) === object.sha256;
    if (!isWhole) throw fileDiffers(object);
  }
}

async function wereStored(
  database: Database,
  { project, recoveryPoint }: { readonly project: string; readonly recoveryPoint: string },
  signal: AbortSignal,
): Promise<boolean> {
  const session = await database.connect({ applicationName: "lifeboat drill" }, signal);
  try {
    const { media } = await readPointRecord(session, project, recoveryPoint, signal);
    return isStored(media);
  } finally {
    await session.close();
  }
}

/** Chooses among the files that are small enough, each with the same chance. Reservoir sampling keeps no long list. */
async function choose(objects: AsyncIterable<ManifestObject>, random: () => number): Promise<ManifestObject[]> {
  const samples: ManifestObject[] = [];
  let seen = 0;
  for await (const object of objects) {
    if (object.size > LARGEST_BYTES) continue;
    const place = seen < SAMPLES ? seen : Math.floor(random() * (seen + 1));
    seen++;
    if (place < SAMPLES) samples[place] = object;
  }
  return samples;
}

async function sha256At(
  { store, checksums }: Pick<FilesCheck, "store" | "checksums">,
  { key, versionId, etag }: { readonly key: string; readonly versionId?: string; readonly etag: string },
  signal: AbortSignal,
): Promise<string> {
  const { body } = await store.get(key, versionId === undefined ? { ifMatch: etag } : { versionId }, signal);
  return await sha256OfStream(checksums, body);
}

function filesGone(key: string): LifeboatError {
  return new LifeboatError({
    code: "drill_files_gone",
    kind: "permanent",
    message: "The history says that the files of this point were stored, and their manifest is not in the bucket.",
    hint:
      "Verify this recovery point, and run a media backup now: Lifeboat stores the manifest of the next point anew.",
    operation: "drill.files",
    subject: key,
  });
}

function fileDiffers({ bucket, path, s3Key }: ManifestObject): LifeboatError {
  return new LifeboatError({
    code: "drill_file_differs",
    kind: "permanent",
    message: `The file ${bucket}/${path} does not come back as it was stored.`,
    hint: "Verify this recovery point: it names everything that is damaged.",
    operation: "drill.files",
    subject: s3Key,
  });
}
