import { hasCode, LifeboatError } from "../errors.ts";
import { formatUnknown } from "../format/manifest.ts";
import { mediaManifestKey } from "../format/keys.ts";
import { MEDIA_MANIFEST_FORMAT, type MediaManifestHead } from "../format/media_manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** The first line of a media manifest, which summarises the files. */
export type MediaHead = Pick<MediaManifestHead, "project" | "recoveryPoint" | "listedAt" | "buckets" | "totals">;

/** Greatest length of the first line, in characters. Bucket definitions are small, so a longer line is no head. */
const LONGEST_HEAD = 4 * 1024 * 1024;

/**
 * Reads the first line of a recovery point's media manifest; returns undefined when the store says that there is no
 * manifest. The rest is not fetched, since a million files make hundreds of megabytes. Throws `manifest_damaged`,
 * `format_unknown` and the store's errors. May be repeated.
 */
export async function readMediaHead(
  store: ObjectStore,
  project: string,
  point: string,
  signal?: AbortSignal,
): Promise<MediaHead | undefined> {
  const key = mediaManifestKey(project, point);
  try {
    const { body } = await store.get(key, {}, signal);
    return parseHead(await firstLine(body, key), key);
  } catch (error) {
    if (hasCode(error, "object_missing")) return undefined;
    throw error;
  }
}

async function firstLine(body: ReadableStream<Uint8Array<ArrayBuffer>>, key: string): Promise<string> {
  let text = "";
  try {
    const lines = body.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream());
    for await (const piece of lines) {
      text += piece;
      const end = text.indexOf("\n");
      // Leaving the loop cancels the request.
      if (end >= 0) return text.slice(0, end);
      if (text.length > LONGEST_HEAD) break;
    }
  } catch (cause) {
    if (cause instanceof LifeboatError) throw cause;
    throw damaged(key, cause);
  }
  throw damaged(key);
}

function parseHead(line: string, key: string): MediaHead {
  let head: MediaHead & Partial<typeof MEDIA_MANIFEST_FORMAT>;
  try {
    head = JSON.parse(line.replace(/,$/, "}"));
  } catch (cause) {
    throw damaged(key, cause);
  }
  if (head?.format !== MEDIA_MANIFEST_FORMAT.format || !Number.isSafeInteger(head.totals?.files)) throw damaged(key);
  if (head.formatVersion === MEDIA_MANIFEST_FORMAT.formatVersion) return head;
  throw formatUnknown(key, head.formatVersion);
}

function damaged(key: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "manifest_damaged",
    kind: "permanent",
    message: `The media manifest ${key} is damaged.`,
    hint: "Use another recovery point. The files themselves may be whole: verify tells.",
    operation: "points.read",
    subject: key,
    cause,
  });
}
