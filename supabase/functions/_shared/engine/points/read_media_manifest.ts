import { formatUnknown } from "../format/manifest.ts";
import { type ManifestObject, mediaManifestFormat, type MediaManifestHead } from "../format/media_manifest.ts";

/**
 * Thrown when a media manifest is not what Lifeboat writes. The message is the end of a sentence about the manifest.
 */
export class MediaManifestDamage extends Error {}

/** An open media manifest: its head is read, its objects are still to be read. */
export interface MediaManifestReading {
  readonly head: MediaManifestHead;
  /**
   * The objects in the order of the manifest, to be read once. Throws MediaManifestDamage, also when the end is
   * missing.
   */
  readonly objects: AsyncGenerator<ManifestObject>;
}

/**
 * Reads a media manifest line by line, because a million files make hundreds of megabytes of text. `stored` are its
 * gzipped bytes from the bucket. Throws MediaManifestDamage, and `format_unknown` when a newer Lifeboat wrote it.
 */
export async function readMediaManifest(stored: Uint8Array<ArrayBuffer>, key: string): Promise<MediaManifestReading> {
  const lines = linesOf(new Blob([stored]).stream().pipeThrough(new DecompressionStream("gzip")));
  const head = await readHead(lines, key);
  return { head, objects: readObjects(lines) };
}

type Lines = AsyncGenerator<string, void>;

async function* linesOf(text: ReadableStream<Uint8Array>): Lines {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const block of text) {
      const lines = (rest + decoder.decode(block, { stream: true })).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    rest += decoder.decode();
  } catch (cause) {
    throw new MediaManifestDamage(`it cannot be decompressed (${cause instanceof Error ? cause.message : cause})`);
  }
  if (rest !== "") throw new MediaManifestDamage("it ends in the middle of a line");
}

/** Reads the head, which takes three lines: the summary of the files, the ledger, and the place of the R2 inventory. */
async function readHead(lines: Lines, key: string): Promise<MediaManifestHead> {
  const text = await nextLine(lines) + await nextLine(lines) + await nextLine(lines);
  const head = parse(text.replace(/,$/, "}")) as unknown as MediaManifestHead & Record<string, unknown>;
  if (head.format !== mediaManifestFormat.format) throw new MediaManifestDamage("it does not say that it is one");
  if (head.formatVersion !== mediaManifestFormat.formatVersion) {
    // A flipped bit could look like another version. Reading to the end lets gzip compare its checksum and throw.
    for await (const _ of lines);
    throw formatUnknown(key, head.formatVersion);
  }
  const { files, bytes } = head.totals ?? {};
  if (Number.isSafeInteger(files) && Number.isSafeInteger(bytes)) return head;
  throw new MediaManifestDamage("it has no totals");
}

async function* readObjects(lines: Lines): AsyncGenerator<ManifestObject, void> {
  const opening = await nextLine(lines);
  if (opening === '"objects":[') {
    for (let line = await nextLine(lines); line !== "],"; line = await nextLine(lines)) {
      yield asObject(parse(line.replace(/,$/, "")));
    }
  } else if (opening !== '"objects":[],') {
    throw new MediaManifestDamage("its list of files does not begin");
  }
  let last = "";
  for await (const line of lines) last = line;
  if (!last.endsWith("]}")) throw new MediaManifestDamage("its end is missing");
}

async function nextLine(lines: Lines): Promise<string> {
  const next = await lines.next();
  if (next.done) throw new MediaManifestDamage("its end is missing");
  return next.value;
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
