import { type DumpManifest, dumpManifest } from "../../contract/mod.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { manifestKey } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readText } from "../store/read_text.ts";

/**
 * The manifest of a recovery point. Throws `point_missing` when the bucket says that there is none, `manifest_damaged`
 * when it is not what Lifeboat writes, `format_unknown` when a newer Lifeboat wrote it, and the store's errors. May be
 * repeated.
 */
export async function readManifest(
  store: ObjectStore,
  project: string,
  point: string,
  signal?: AbortSignal,
): Promise<DumpManifest> {
  const key = manifestKey(project, point);
  let text: string;
  try {
    text = await readText(store, key, signal);
  } catch (error) {
    if (!hasCode(error, "object_missing")) throw error;
    throw new LifeboatError({
      code: "point_missing",
      kind: "missing",
      message: `The bucket holds no manifest of recovery point ${point} of project "${project}".`,
      hint: "`npm run lifeboat -- list` shows what there is. A dump without manifest is no backup.",
      operation: "points.read",
      subject: key,
      cause: error,
    });
  }
  return parseManifest(text, key);
}

function parseManifest(text: string, key: string): DumpManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw damaged(key, "it is not JSON", cause);
  }
  const { format, formatVersion } = (document ?? {}) as { format?: unknown; formatVersion?: unknown };
  if (format !== "lifeboat-manifest") throw damaged(key, "it does not say that it is one");
  if (formatVersion !== 1) {
    throw new LifeboatError({
      code: "format_unknown",
      kind: "permanent",
      message: `${key} is of format version ${JSON.stringify(formatVersion)}, which this Lifeboat does not know.`,
      hint: "Use the Lifeboat that wrote it, or a newer one.",
      operation: "points.read",
      subject: key,
    });
  }
  const read = dumpManifest.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw damaged(key, `${issue.path.join(".")}: ${issue.message}`, read.error);
}

function damaged(key: string, why: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "manifest_damaged",
    kind: "permanent",
    message: `The manifest ${key} is damaged: ${why}.`,
    hint: "Use another recovery point. Where the bucket keeps versions, an older version of this key may be whole.",
    operation: "points.read",
    subject: key,
    cause,
  });
}
