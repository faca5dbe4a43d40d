import type { DumpManifest } from "../../contract/mod.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { manifestKey } from "../format/keys.ts";
import { LARGEST_MANIFEST_BYTES, manifestDamaged, parseManifest } from "../format/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readText } from "../store/read_text.ts";

export interface ReadManifest {
  readonly manifest: DumpManifest;
  /** The manifest's text as it lies in the bucket. */
  readonly text: string;
}

/**
 * Reads the manifest of a recovery point. Whether it contradicts itself is for `manifestProblems` to say. Throws
 * `point_missing` when the store says that there is none, `manifest_damaged` when it is not what Lifeboat writes,
 * `format_unknown` when a newer Lifeboat wrote it, and the store's errors. May be repeated.
 */
export async function readManifest(
  store: ObjectStore,
  project: string,
  point: string,
  signal?: AbortSignal,
): Promise<ReadManifest> {
  const key = manifestKey(project, point);
  try {
    const { sizeBytes } = await store.head(key, undefined, signal);
    if (sizeBytes > LARGEST_MANIFEST_BYTES) {
      throw manifestDamaged(key, `it has ${sizeBytes} bytes, more than any that Lifeboat wrote`);
    }
    const text = await readText(store, key, signal);
    return { manifest: parseManifest(text, key), text };
  } catch (error) {
    if (hasCode(error, "object_missing")) throw pointMissing(point, project, error);
    throw error;
  }
}

/** The error for a point without a manifest, which is no backup. `project` is absent when no project was named. */
export function pointMissing(point: string, project: string | undefined, cause?: unknown): LifeboatError {
  const of = project === undefined ? "" : ` of project ${project}`;
  return new LifeboatError({
    code: "point_missing",
    kind: "missing",
    message: point === "latest"
      ? `The bucket holds no recovery point${of}.`
      : `The bucket holds no recovery point ${point}${of}: there is no manifest, so there is no backup.`,
    hint: "`npm run lifeboat -- list` shows what there is. Check AWS_S3_BUCKET and S3_PREFIX.",
    operation: "points.read",
    subject: point,
    cause,
  });
}
