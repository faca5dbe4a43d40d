import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { PutOptions, StoredObject } from "../../engine/store/object_store.ts";
import { clientConfiguration } from "./client.ts";
import type { S3Connection } from "./connection.ts";
import { otherFailure } from "./failures.ts";
import { plainETag } from "./integrity.ts";
import { putFields } from "./put_options.ts";
import { objectUrl } from "./settings.ts";

const HELD_BYTES = 1024 * 1024;

/** Number of stall times that the connection may be idle, because the source may be slow to give the next block. */
const IDLE_STALLS = 4;

/** Silences the SDK's warning that it cannot repeat a stream, which it is never asked to do. */
const silentLogger = { debug() {}, info() {}, warn() {}, error() {} };

export type SizedPut = (
  key: string,
  body: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: PutOptions & { readonly sizeBytes: number },
  signal?: AbortSignal,
) => Promise<StoredObject>;

/**
 * Sends a stream of known length in one PUT, followed by its CRC-32, so that the store refuses bytes that were changed
 * or cut off on their way (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html). A store that
 * does not return the same CRC-32 has not compared it; `store_failed` is then thrown, and also over plain http, where
 * nothing would bind the bytes to the signature.
 *
 * Must not be used on Deno 2.1.4, where a store that answers before the stream's end causes an error (`BadResource`)
 * that nothing can catch. The request goes through Node's http, because Deno's fetch sends a stream without
 * Content-Length.
 *
 * Throws the stream's own failure unchanged. Cannot be repeated, because the stream has been read.
 */
export function createSizedPut(connection: S3Connection): SizedPut {
  const { settings, location } = connection;
  let client: S3Client | undefined;
  return async (key, body, options, signal) => {
    const call = { operation: "s3.putStream", subject: key, sentBytes: options.sizeBytes };
    objectUrl(location, key, call.operation);
    if (!isProtected(location.endpoint)) throw otherFailure("its address is plain http", call.operation, key);
    client ??= new S3Client({
      ...clientConfiguration(settings, location),
      // With this header each PUT would wait 6 s for a server that does not know it.
      expectContinueHeader: false,
      logger: silentLogger,
      requestHandler: {
        socketTimeout: IDLE_STALLS * connection.stallTimeoutMs,
        connectionTimeout: connection.stallTimeoutMs,
      },
    });
    const command = (Body: Readable) =>
      new PutObjectCommand({
        Bucket: settings.bucket,
        Key: key,
        Body,
        ContentLength: options.sizeBytes,
        ChecksumAlgorithm: "CRC32",
        IfNoneMatch: options.ifNoneMatch ? "*" : undefined,
        IfMatch: options.ifMatch && `"${options.ifMatch}"`,
        ...putFields(options, settings, key),
      });
    const source = new SizedSource(body, options.sizeBytes);
    const stream = Readable.from(source.blocks(), { objectMode: false, highWaterMark: HELD_BYTES });
    try {
      const result = await connection.ask(
        call,
        signal,
        (asked) => client!.send(command(stream), { abortSignal: AbortSignal.any([asked, source.failed.signal]) }),
      );
      if (result.ChecksumCRC32 !== source.crc32()) {
        throw otherFailure("it does not compare what it is sent as one stream", call.operation, key);
      }
      return {
        key,
        etag: plainETag(result.ETag, call.operation, key),
        versionId: result.VersionId,
        sizeBytes: options.sizeBytes,
      };
    } catch (error) {
      const failure = source.failed.signal.aborted ? source.failed.signal.reason : error;
      // The SDK keeps the connection of a request that was refused before its end until the request is aborted.
      source.failed.abort(failure);
      signal?.throwIfAborted();
      throw failure;
    } finally {
      source.close();
      stream.destroy();
    }
  };
}

/**
 * The caller's stream in the form that the SDK gets. A failing stream would crash the process, and the SDK would not
 * notice it. So this one aborts the signal `failed` instead, and waits until the request has ended.
 */
class SizedSource {
  readonly failed = new AbortController();
  #crc32 = 0;
  readonly #closed = Promise.withResolvers<void>();

  constructor(private readonly body: AsyncIterable<Uint8Array<ArrayBuffer>>, private readonly sizeBytes: number) {}

  async *blocks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    let leftBytes = this.sizeBytes;
    try {
      for await (const block of this.body) {
        leftBytes -= block.length;
        if (leftBytes < 0) break;
        this.#crc32 = crc32(block, this.#crc32);
        yield block;
      }
      if (leftBytes !== 0) throw otherFailure("the stream has another length than was said of it", "s3.putStream");
    } catch (error) {
      this.failed.abort(error);
      await this.#closed.promise;
    }
  }

  /** The CRC-32 of all bytes that were read, in the Base64 form that S3 uses. */
  crc32(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc32);
    return bytes.toString("base64");
  }

  close(): void {
    this.#closed.resolve();
  }
}

function isProtected(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
