import type { Checksums } from "../checksum.ts";
import type { Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { mediaManifestKey, newestMediaManifestKey } from "../format/keys.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { mediaManifestText } from "./manifest_text.ts";
import type { MediaManifestHead } from "./media_manifest.ts";
import { encodeText, gzip } from "./text_stream.ts";

export interface WrittenManifest {
  readonly key: string;
  readonly bytes: number;
  /** `sha256:<hex>` of the object as it lies in S3. */
  readonly checksum: string;
}

export interface ManifestContext {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly checksums: Checksums;
}

/**
 * Writes the manifest of a point, which makes its files a backup. The lease is asked for once more after the last byte
 * was sent and before the object can be seen. A manifest that is there already is ours if it says the same (a run that
 * died, or an answer that was lost); else `media_manifest_differs` is thrown and nothing is changed.
 */
export async function writeMediaManifest(
  context: ManifestContext,
  head: MediaManifestHead,
  run: Run,
): Promise<WrittenManifest> {
  const key = mediaManifestKey(head.project, head.recoveryPoint);
  const text = context.checksums.sha256();
  const file = context.checksums.sha256();
  let bytes = 0;

  async function* body() {
    const content = encodeText(mediaManifestText(context.session, head, run.signal));
    for await (const block of gzip(tapped(content, (block) => text.update(block)))) {
      file.update(block);
      bytes += block.length;
      yield block;
    }
    await run.confirm();
  }

  try {
    await context.store.putStream(key, body(), { contentType: "application/gzip", ifNoneMatch: true }, run.signal);
    return { key, bytes, checksum: `sha256:${file.hex()}` };
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed")) throw error;
    return await adopt(context, head, key, run.signal);
  }
}

/** The same content uncompressed at `media-backups/manifest.json`: the newest, for people. */
export async function writeNewestManifest(
  context: ManifestContext,
  head: MediaManifestHead,
  signal?: AbortSignal,
): Promise<void> {
  const content = encodeText(mediaManifestText(context.session, head, signal));
  await context.store.putStream(newestMediaManifestKey, content, { contentType: "application/json" }, signal);
}

async function adopt(
  context: ManifestContext,
  head: MediaManifestHead,
  key: string,
  signal: AbortSignal,
): Promise<WrittenManifest> {
  const wanted = context.checksums.sha256();
  for await (const block of encodeText(mediaManifestText(context.session, head, signal))) wanted.update(block);

  const { body } = await context.store.get(key, undefined, signal);
  const file = context.checksums.sha256();
  const found = context.checksums.sha256();
  let bytes = 0;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(block, controller) {
        file.update(block);
        bytes += block.length;
        controller.enqueue(block);
      },
    }),
  );
  for await (const block of counted.pipeThrough(new DecompressionStream("gzip"))) found.update(block);
  if (found.hex() === wanted.hex()) return { key, bytes, checksum: `sha256:${file.hex()}` };
  throw new LifeboatError({
    code: "media_manifest_differs",
    kind: "conflict",
    message: `Another media manifest lies at ${key} already, so this one was not written.`,
    hint: "Start a new backup: it gets a recovery point of its own.",
    operation: "media.manifest",
    subject: key,
  });
}

async function* tapped(
  blocks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  tap: (block: Uint8Array<ArrayBuffer>) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const block of blocks) {
    tap(block);
    yield block;
  }
}
