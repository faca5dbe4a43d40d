import type { Session } from "../database.ts";
import { newestMediaManifestKey } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { listLines, manifestLists, pageRows, readListEnds, textAfter, textBefore } from "./manifest_text.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import { mediaManifestFormat } from "../format/media_manifest.ts";

/** Up to so many files the manifest lies there for people uncompressed too; more would cost more than the backup. */
const mostFiles = 10_000;

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
  if (head.totals.files + head.totals.skipped > mostFiles) {
    const text = `${JSON.stringify({ ...mediaManifestFormat, ...head, wholeManifest: manifestKey })}\n`;
    await store.put(newestMediaManifestKey, new TextEncoder().encode(text), options, signal);
    return;
  }
  await store.putStream(newestMediaManifestKey, wholeText(session, head, signal), options, signal);
}

async function* wholeText(
  session: Session,
  head: MediaManifestHead,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for (const list of manifestLists) {
    const ends = await readListEnds(session, list, head.recoveryPoint, signal);
    yield encoder.encode(textBefore(list, head) + (ends ? "\n" : ""));
    if (!ends) continue;
    for (let from = ends.first; from <= ends.last; from += pageRows) {
      for await (const block of listLines(session, list, head.recoveryPoint, from, ends.last, signal)) {
        // The reader of a copy gives its buffer back when it asks for the next block; an upload keeps several.
        yield block.slice();
      }
    }
  }
  yield encoder.encode(textAfter);
}
