import { MediaManifestDamage, TextLines } from "./text_lines.ts";
import { formatUnknown } from "../format/manifest.ts";
import { type ManifestObject, MEDIA_MANIFEST_FORMAT, type MediaManifestHead } from "../format/media_manifest.ts";

export { MediaManifestDamage } from "./text_lines.ts";

const SLICE_BYTES = 64 * 1024;

/** The head of a media manifest, and its objects one after the other. */
export interface MediaManifestReading {
  readonly head: MediaManifestHead;
  /** May be read once. Rejects with MediaManifestDamage, also when the end is missing. */
  readonly objects: AsyncGenerator<ManifestObject>;
}

/**
 * Reads a media manifest as it lies in the bucket, line by line: a million files make hundreds of megabytes of text. The
 * first `skipped` files are passed without being parsed. Throws MediaManifestDamage, and `format_unknown` for what a newer
 * Lifeboat wrote.
 */
export async function readMediaManifest(
  stored: Uint8Array<ArrayBuffer>,
  key: string,
  skipped = 0,
): Promise<MediaManifestReading> {
  const lines = new TextLines(slicesOf(stored).pipeThrough(new DecompressionStream("gzip")));
  const head = await readHead(lines, key);
  return { head, objects: readObjects(lines, skipped) };
}

/** Given in one piece, the bytes would be decompressed in one piece, five times as large: more than a worker may hold. */
function slicesOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += SLICE_BYTES));
    },
  }, { highWaterMark: 0 });
}

/** The first three lines of a manifest: what it says of itself, the ledger, and where the R2 inventory is. */
async function readHead(lines: TextLines, key: string): Promise<MediaManifestHead> {
  const text = await nextLine(lines) + await nextLine(lines) + await nextLine(lines);
  const head = parse(text.replace(/,$/, "}")) as unknown as MediaManifestHead & Record<string, unknown>;
  if (head.format !== MEDIA_MANIFEST_FORMAT.format) throw new MediaManifestDamage("it does not say that it is one");
  if (head.formatVersion !== MEDIA_MANIFEST_FORMAT.formatVersion) {
    // A flipped bit may look like another version. The checksum at the end of the stream shows whether the bytes are damaged.
    while (await lines.next() !== undefined);
    throw formatUnknown(key, head.formatVersion);
  }
  const { files, bytes } = head.totals ?? {};
  if (Number.isSafeInteger(files) && Number.isSafeInteger(bytes)) return head;
  throw new MediaManifestDamage("it has no totals");
}

async function* readObjects(lines: TextLines, skipped: number): AsyncGenerator<ManifestObject, void> {
  try {
    const opening = await nextLine(lines);
    if (opening === '"objects":[') {
      await lines.skip(skipped);
      for (let line = await nextLine(lines); line !== "],"; line = await nextLine(lines)) {
        yield asObject(parse(line.replace(/,$/, "")));
      }
    } else if (opening !== '"objects":[],') {
      throw new MediaManifestDamage("its list of files does not begin");
    }
    let last = "";
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) last = line;
    if (!last.endsWith("]}")) throw new MediaManifestDamage("its end is missing");
  } finally {
    await lines.close();
  }
}

async function nextLine(lines: TextLines): Promise<string> {
  const next = await lines.next();
  if (next === undefined) throw new MediaManifestDamage("its end is missing");
  return next;
}

function asObject(value: Record<string, unknown>): ManifestObject {
  const texts = ["bucket", "path", "sha256", "s3Key", "s3ETag", "archiveKey"];
  if (texts.every((name) => typeof value[name] === "string") && Number.isSafeInteger(value.size)) {
    return value as unknown as ManifestObject;
  }
  throw new MediaManifestDamage("an entry of its list of files is malformed");
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MediaManifestDamage("it holds a line that is not JSON");
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new MediaManifestDamage("it holds a line that is no object");
}
