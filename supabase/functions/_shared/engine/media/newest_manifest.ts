import type { Session } from "../database.ts";
import { NEWEST_MEDIA_MANIFEST_KEY } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { listLines, MANIFEST_LISTS, PAGE_ROWS, readListEnds, TEXT_AFTER, textBefore } from "./manifest_text.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import { MEDIA_MANIFEST_FORMAT } from "../format/media_manifest.ts";

/** Up to so many files the manifest lies there for people uncompressed too; more would cost more than the backup. */
const MOST_FILES = 10_000;

/**
 * The same content uncompressed at `media-backups/manifest.json`: the newest, for people. Of a point with more than 10,000
 * files only its head, and where the whole one is.
 */
export async function writeNewestManifest(
  { session, store }: { readonly session: Session; readonly store: ObjectStore },
  head: MediaManifestHead,
  manifestKey: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = { contentType: "application/json" };
  if (head.totals.files + head.totals.skipped > MOST_FILES) {
    const text = `${JSON.stringify({ ...MEDIA_MANIFEST_FORMAT, ...head, wholeManifest: manifestKey })}\n`;
    await store.put(NEWEST_MEDIA_MANIFEST_KEY, new TextEncoder().encode(text), options, signal);
    return;
  }
  await store.putStream(NEWEST_MEDIA_MANIFEST_KEY, wholeText(session, head, signal), options, signal);
}

async function* wholeText(
  session: Session,
  head: MediaManifestHead,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for (const list of MANIFEST_LISTS) {
    const ends = await readListEnds(session, list, head.recoveryPoint, signal);
    yield encoder.encode(textBefore(list, head) + (ends ? "\n" : ""));
    if (!ends) continue;
    for (let from = ends.first; from <= ends.last; from += PAGE_ROWS) {
      for await (const block of listLines(session, list, head.recoveryPoint, from, ends.last, signal)) {
        // The reader of a copy gives its buffer back when it asks for the next block; an upload keeps several.
        yield block.slice();
      }
    }
  }
  yield encoder.encode(TEXT_AFTER);
}
