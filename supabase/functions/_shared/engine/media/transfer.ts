import type { Checksum, Checksums } from "../checksum.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import type { PutOptions, StoredObject, UploadedPart } from "../store/object_store.ts";
import { equalParts } from "./equal_parts.ts";
import { archiveUnknown, makeRoom, type RoomContext } from "./make_room.ts";
import type { ClaimedItem } from "./media_queue.ts";
import type { SourceObject } from "./storage_source.ts";

export interface TransferContext extends RoomContext {
  readonly checksums: Checksums;
}

export interface TransferRequest {
  readonly item: ClaimedItem;
  readonly object: SourceObject;
  readonly key: string;
  readonly options: PutOptions;
  readonly partBytes: number;
  /** Holds the object or one part of it. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Asked once the bytes are read and before they can be seen in S3; false gives the transfer up. */
  readonly accept: (bytes: TransferredBytes) => boolean;
}

export interface TransferredBytes {
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
}

export interface Transferred extends TransferredBytes {
  readonly stored: StoredObject;
}

/**
 * Moves one object's bytes into S3: as one request when they fit a part, else part by part. What lay
 * at the key is archived first. Undefined when the bytes were not accepted; then nothing has changed in S3.
 */
export async function transfer(
  context: TransferContext,
  request: TransferRequest,
  signal?: AbortSignal,
): Promise<Transferred | undefined> {
  const digests = new Digests(context.checksums);
  const parts = equalParts(request.object.body, request.partBytes, request.buffer);
  try {
    const first = (await parts.next()).value as Uint8Array<ArrayBuffer>;
    digests.update(first);
    const whole = first.length < request.partBytes || first.length === request.object.sizeBytes;
    if (!whole) return await transferInParts(context, request, first, parts, digests, signal);
    // Reading on to the end is what finds a body that was cut off.
    await parts.next();
    const bytes = digests.finish();
    if (!request.accept(bytes)) return undefined;
    await makeRoom(context, request.item, signal);
    const stored = await putAtFreeKey(
      context,
      request,
      bytes.md5,
      (ifNoneMatch) => context.store.put(request.key, first, { ...request.options, ifNoneMatch }, signal),
      () => Promise.resolve(),
      signal,
    );
    return proven(request, bytes, stored);
  } finally {
    await parts.return(undefined);
  }
}

async function transferInParts(
  context: TransferContext,
  request: TransferRequest,
  first: Uint8Array<ArrayBuffer>,
  rest: AsyncIterable<Uint8Array<ArrayBuffer>>,
  digests: Digests,
  signal?: AbortSignal,
): Promise<Transferred | undefined> {
  const { store, queue } = context;
  const { item, key } = request;
  const upload = await store.openUpload(key, request.options, signal);
  try {
    await queue.noteUpload(item, { key, uploadId: upload.uploadId });
    const parts: UploadedPart[] = [await upload.putPart(1, first, signal)];
    for await (const part of rest) {
      digests.update(part);
      parts.push(await upload.putPart(parts.length + 1, part, signal));
    }
    const bytes = digests.finish();
    if (!request.accept(bytes)) {
      await upload.abort(signal);
      return undefined;
    }
    await makeRoom(context, item, signal);
    const etag = compositeETag(context.checksums, parts);
    const stored = await putAtFreeKey(
      context,
      request,
      etag,
      (ifNoneMatch) => upload.complete(parts, { ifNoneMatch }, signal),
      () => upload.abort(signal),
      signal,
    );
    const info = await store.head(key, undefined, signal);
    return proven(request, bytes, { ...stored, sizeBytes: info.sizeBytes });
  } catch (error) {
    // Without the signal: a cancelled run gives its parts back too. If that fails, the next run does it from the note in
    // the queue; the failure that led here is the one to tell of.
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

/**
 * Writes to a key that should be free, unless Lifeboat itself filled it and has made room. If it is not free after all,
 * it holds either these very bytes, from a run that died before its checkpoint, or something that must be kept.
 */
async function putAtFreeKey(
  context: TransferContext,
  { item, key }: TransferRequest,
  etag: string,
  write: (ifNoneMatch: boolean) => Promise<StoredObject>,
  giveUp: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredObject> {
  if (item.current) return await write(false);
  try {
    return await write(true);
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed")) throw error;
    const info = await context.store.head(key, undefined, signal);
    if (info.etag === etag) {
      await giveUp();
      return info;
    }
    await archiveUnknown(context, item, key, signal);
    return await write(false);
  }
}

/** What S3 makes of the parts' MD5s; equal on every server that follows it. */
function compositeETag(checksums: Checksums, parts: readonly UploadedPart[]): string {
  const md5 = checksums.md5();
  for (const { etag } of parts) {
    md5.update(Uint8Array.from(etag.match(/../g) ?? [], (byte) => parseInt(byte, 16)));
  }
  return `${md5.hex()}-${parts.length}`;
}

function proven(request: TransferRequest, bytes: TransferredBytes, stored: StoredObject): Transferred {
  if (stored.sizeBytes === bytes.sizeBytes) return { ...bytes, stored };
  throw new LifeboatError({
    code: "object_corrupt",
    kind: "transient",
    message: `S3 says that ${request.key} has ${stored.sizeBytes} bytes, but ${bytes.sizeBytes} were sent.`,
    hint: "The next run sends it again. If it stays, look at what else writes to the bucket.",
    operation: "media.transfer",
    subject: request.key,
  });
}

class Digests {
  readonly #md5: Checksum;
  readonly #sha256: Checksum;
  #sizeBytes = 0;

  constructor(checksums: Checksums) {
    this.#md5 = checksums.md5();
    this.#sha256 = checksums.sha256();
  }

  update(bytes: Uint8Array): void {
    this.#md5.update(bytes);
    this.#sha256.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  finish(): TransferredBytes {
    return { sizeBytes: this.#sizeBytes, md5: this.#md5.hex(), sha256: this.#sha256.hex() };
  }
}
