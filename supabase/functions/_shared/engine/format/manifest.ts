import { type DumpManifest, dumpManifest } from "../../contract/mod.ts";
import { LifeboatError } from "../errors.ts";

export type ManifestTable = DumpManifest["tables"][number];

/** Greatest size of a manifest that is read into memory. A manifest of 100,000 members takes about 20 MB. */
export const LARGEST_MANIFEST_BYTES = 512 * 1024 * 1024;

/**
 * Parses the text of the manifest that was found at `key`. Only the shape is checked; whether the manifest contradicts
 * itself or its key is for `manifestProblems` to say. Throws `manifest_damaged` (permanent) when the text is not what
 * Lifeboat writes, and `format_unknown` (permanent) when a newer Lifeboat wrote it.
 */
export function parseManifest(text: string, key: string): DumpManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw manifestDamaged(key, "it is not JSON", cause);
  }
  const { format, formatVersion } = (document ?? {}) as { format?: unknown; formatVersion?: unknown };
  if (format !== "lifeboat-manifest") throw manifestDamaged(key, "it does not say that it is one");
  if (formatVersion !== 1) throw formatUnknown(key, formatVersion);
  const read = dumpManifest.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw manifestDamaged(key, `it is malformed at ${issue.path.join(".")} (${issue.message})`, read.error);
}

/** The error for a manifest that must not be followed; `why` ends the sentence "The manifest … is damaged: …". */
export function manifestDamaged(key: string, why: string, cause?: unknown): LifeboatError {
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

/** The error for a file that a newer Lifeboat wrote: read by today's rules, its content could be misunderstood. */
export function formatUnknown(key: string, version: unknown): LifeboatError {
  return new LifeboatError({
    code: "format_unknown",
    kind: "permanent",
    message: `${key} is of format version ${JSON.stringify(version)}, which this Lifeboat does not know.`,
    hint: "Use the Lifeboat that wrote it, or a newer one.",
    operation: "points.read",
    subject: key,
  });
}
