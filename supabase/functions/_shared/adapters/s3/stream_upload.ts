import { AbortMultipartUploadCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { PutOptions, StoredObject } from "../../engine/store/object_store.ts";
import type { S3Connection } from "./connection.ts";
import { plainETag } from "./integrity.ts";
import { putFields } from "./put_options.ts";
import { objectUrl } from "./settings.ts";

const DEFAULT_PART_BYTES = 8 * 1024 * 1024;

/**
 * Stores a stream of unknown length with the SDK's own uploader. It takes the memory of one part more than are sent at
 * once. Throws the stream's own failure unchanged, and the store's errors. Cannot be repeated.
 */
export async function uploadStream(
  client: S3Client,
  connection: S3Connection,
  key: string,
  body: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: PutOptions,
  signal?: AbortSignal,
): Promise<StoredObject> {
  const { settings } = connection;
  const call = { operation: "s3.putStream", subject: key };
  objectUrl(connection.location, key, call.operation);
  signal?.throwIfAborted();
  const fields = putFields(options, settings, key);
  const partSize = settings.streamPartBytes ?? DEFAULT_PART_BYTES;

  // Without this the uploader would read the stream to its end after a part has failed.
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const source = new CountedSource(body, stop);
  const upload = new Upload({
    client: stoppableClient(client, connection, key, stop),
    params: {
      Bucket: settings.bucket,
      Key: key,
      Body: source.stream(),
      IfNoneMatch: options.ifNoneMatch ? "*" : undefined,
      ...fields,
    },
    partSize,
    queueSize: settings.streamPartsAtOnce ?? 2,
  });
  try {
    const result = await upload.done();
    return {
      key,
      etag: plainETag(result.ETag, call.operation, key),
      versionId: result.VersionId,
      sizeBytes: source.readBytes,
    };
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw connection.failure(error, call);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Adds to the client what lib-storage does not offer: time limits, cancellation of requests that were sent, and a stop
 * at the first failure. The request that removes the parts of a failed upload is exempt from the stop.
 */
function stoppableClient(
  client: S3Client,
  connection: S3Connection,
  key: string,
  stop: AbortController,
): S3Client {
  let allSentBytes = 0;
  const send = async (command: Parameters<S3Client["send"]>[0]) => {
    const { Body } = command.input as { Body?: unknown };
    const sentBytes = Body instanceof Uint8Array ? Body.byteLength : 0;
    const call = { operation: "s3.putStream", subject: key, sentBytes, movedBytes: sentBytes ? 0 : allSentBytes };
    allSentBytes += sentBytes;
    const cleansUp = command instanceof AbortMultipartUploadCommand;
    try {
      return await connection.ask(
        call,
        cleansUp ? undefined : stop.signal,
        (abortSignal) => client.send(command, { abortSignal }),
      );
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  return Object.create(client, { send: { value: send } });
}

/**
 * The caller's stream with a count of its bytes. It can be stopped, and its own failure is kept apart from the store's.
 */
class CountedSource {
  readBytes = 0;

  constructor(
    private readonly body: AsyncIterable<Uint8Array<ArrayBuffer>>,
    private readonly stop: AbortController,
  ) {}

  stream(): ReadableStream<Uint8Array> {
    const iterator = this.body[Symbol.asyncIterator]();
    const { signal } = this.stop;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        signal.addEventListener("abort", () => {
          // Without this a source that yields nothing more would keep the upload waiting for ever.
          controller.error(signal.reason);
          // The source can now close what it reads from. The upload has failed already, so a failure to close is
          // ignored.
          Promise.resolve(iterator.return?.()).catch(() => {});
        }, { once: true });
      },
      pull: async (controller) => {
        try {
          const { done, value } = await iterator.next();
          if (signal.aborted) return;
          if (done) return controller.close();
          this.readBytes += value.byteLength;
          controller.enqueue(value);
        } catch (error) {
          this.stop.abort(error);
        }
      },
      cancel: async () => {
        await iterator.return?.();
      },
    }, { highWaterMark: 0 });
  }
}
