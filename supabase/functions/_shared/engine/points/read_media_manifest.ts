import { formatUnknown } from "../format/manifest.ts";
import { type ManifestObject, mediaManifestFormat, type MediaManifestHead } from "../format/media_manifest.ts";

/** A media manifest is not what Lifeboat writes. */
export class MediaManifestDamage extends Error {}

/** The head of a media manifest, and its objects one after the other. */
export interface MediaManifestReading {
  readonly head: MediaManifestHead;
  /** May be read once. Rejects with MediaManifestDamage, also when the end is missing. */
  readonly objects: AsyncGenerator<ManifestObject>;
}

/**
 * Reads a media manifest as it lies in the bucket, line by line: a million files make hundreds of megabytes of text.
 * Throws MediaManifestDamage, and `format_unknown` for what a newer Lifeboat wrote.
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

/** Three lines: what the manifest says of itself, the ledger, the R2 inventory. */
async function readHead(lines: Lines, key: string): Promise<MediaManifestHead> {
  const text = await nextLine(lines) + await nextLine(lines) + await nextLine(lines);
  const head = parse(text.replace(/,$/, "}")) as unknown as MediaManifestHead & Record<string, unknown>;
  if (head.format !== mediaManifestFormat.format) throw new MediaManifestDamage("it does not say that it is one");
  if (head.formatVersion !== mediaManifestFormat.formatVersion) {
    // A flipped bit may say anything: the checksum at the end of the stream tells damage from another version.
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
