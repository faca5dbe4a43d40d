import { hasCode, LifeboatError } from "../errors.ts";
import { ARCHIVE_PREFIX, MEDIA_PREFIX, mediaManifestKey } from "../format/keys.ts";
import { backupDamaged } from "./backup_damaged.ts";
import type { ManifestObject } from "../format/media_manifest.ts";
import { MediaManifestDamage, readMediaManifest } from "../points/read_media_manifest.ts";
import type { PointReference } from "../points/find_point.ts";
import type { PointReader } from "../points/read_members.ts";
import type { RestoreRequest } from "./request.ts";
import type { ObjectStore } from "../store/object_store.ts";

export interface PointMedia {
  /** SHA-256 of the manifest as stored, hex. */
  readonly manifestSha256: string;
  readonly buckets: readonly PointBucket[];
  /** Key of the R2 inventory; null where the point has none. */
  readonly r2Key: string | null;
  /** The objects that the request asks for, in the manifest's order. */
  readonly objects: readonly ManifestObject[];
  readonly skipped: number;
}

export interface PointBucket {
  readonly id: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

/**
 * Reads which files of a recovery point a request asks for. Throws `media_absent` when the point has no media manifest,
 * `restore_scope_unknown` for a bucket that it lacks, `backup_damaged`, `format_unknown`, and the store's errors.
 */
export async function readPointMedia(
  { store, checksums }: Pick<PointReader, "store" | "checksums">,
  { project, point }: PointReference,
  request: RestoreRequest,
  signal?: AbortSignal,
): Promise<PointMedia> {
  const key = mediaManifestKey(project, point);
  const stored = await readStored(store, key, signal);
  const sum = checksums.sha256();
  sum.update(stored);
  try {
    const { head, objects } = await readMediaManifest(stored, key);
    if (head.project !== project || head.recoveryPoint !== point) {
      throw backupDamaged(key, `${key} is the media manifest of another point`);
    }
    const buckets = head.buckets.map(({ bucket, definition }) => ({ id: bucket, definition }));
    assertBuckets(request, buckets.map(({ id }) => id));
    const wanted: ManifestObject[] = [];
    let files = 0;
    let bytes = 0;
    for await (const object of objects) {
      files++;
      bytes += object.size;
      assertObject(object, key);
      if (isWanted(object, request)) wanted.push(object);
    }
    if (files !== head.totals.files || bytes !== head.totals.bytes) {
      throw backupDamaged(
        key,
        `${key} lists ${files} files of ${bytes} bytes, and says that they are ` +
          `${head.totals.files} of ${head.totals.bytes}`,
      );
    }
    return {
      manifestSha256: sum.hex(),
      buckets: buckets.filter(({ id }) => isBucketWanted(id, request)),
      r2Key: head.r2?.key ?? null,
      objects: wanted,
      skipped: head.totals.skipped,
    };
  } catch (error) {
    if (error instanceof MediaManifestDamage) throw backupDamaged(key, `${key}: ${error.message}`, error);
    throw error;
  }
}

async function readStored(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { body } = await store.get(key, undefined, signal);
    return new Uint8Array(await new Response(body).arrayBuffer());
  } catch (error) {
    if (!hasCode(error, "object_missing")) throw error;
    throw new LifeboatError({
      code: "media_absent",
      kind: "missing",
      message: "The files of this recovery point are not in the bucket: it has no media manifest.",
      hint: "Restore the database alone (database-only), and the files from another point (media-only).",
      operation: "restore.media",
      subject: key,
      cause: error,
    });
  }
}

function assertBuckets(request: RestoreRequest, held: readonly string[]): void {
  const named = [...request.buckets ?? [], ...(request.paths ?? []).map((path) => path.split("/", 1)[0])];
  const unknown = [...new Set(named)].filter((bucket) => !held.includes(bucket));
  if (unknown.length === 0) return;
  throw new LifeboatError({
    code: "restore_scope_unknown",
    kind: "missing",
    message: `The recovery point holds no bucket ${unknown.join(", no bucket ")}.`,
    hint: `It holds ${held.length === 0 ? "none" : held.join(", ")}. Paths are written bucket/path.`,
    operation: "restore.plan",
  });
}

/** Lifeboat writes files under no other keys, so a manifest that names others was edited. */
function assertObject(object: ManifestObject, key: string): void {
  if (
    object.s3Key.startsWith(MEDIA_PREFIX) && object.archiveKey.startsWith(ARCHIVE_PREFIX) &&
    /^[0-9a-f]{64}$/.test(object.sha256) && object.size >= 0
  ) return;
  throw backupDamaged(key, `${key} says that ${object.bucket}/${object.path} lies where no file does`);
}

function isBucketWanted(bucket: string, request: RestoreRequest): boolean {
  if (request.buckets === undefined && request.paths === undefined) return true;
  return Boolean(request.buckets?.includes(bucket) || request.paths?.some((path) => path.startsWith(`${bucket}/`)));
}

function isWanted(object: ManifestObject, request: RestoreRequest): boolean {
  if (request.buckets === undefined && request.paths === undefined) return true;
  const name = `${object.bucket}/${object.path}`;
  return Boolean(
    request.buckets?.includes(object.bucket) ||
      request.paths?.some((path) => path.endsWith("/") ? name.startsWith(path) : name === path),
  );
}
