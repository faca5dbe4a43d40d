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

const heldBytes = 1024 * 1024;

/** Idle for this many stall times: a source that is slow to give the next block is no silent store. */
const idleStalls = 4;

/** The SDK warns on the console that it cannot repeat a stream: nobody asks it to. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

export type SizedPut = (
  key: string,
  body: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: PutOptions & { readonly sizeBytes: number },
  signal?: AbortSignal,
) => Promise<StoredObject>;

/**
 * One PUT of a stream of known length, whose CRC-32 follows it: the store refuses what was changed or broken off on its
 * way (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html). One that does not answer with the same
 * has not compared it, and `store_failed` is thrown; so it is for plain http, where nothing would bind the bytes to the
 * signature. Through Node's http, because Deno's fetch sends a stream without
 * Content-Length; on Deno 2.1.4 a store that answers before the stream's end leaves an error behind that nobody can catch
 * (`BadResource`), so only for newer ones.
 *
 * Throws the stream's own failure as it is. Not repeated: what was read is gone.
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
      // With it each PUT waits for servers that do not know it (6 s).
      expectContinueHeader: false,
      logger: silent,
      requestHandler: {
        socketTimeout: idleStalls * connection.stallTimeoutMs,
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
    const stream = Readable.from(source.blocks(), { objectMode: false, highWaterMark: heldBytes });
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
      // The SDK keeps the connection of a request that was refused before its end, until somebody aborts it.
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
 * The caller's stream as the SDK is given it. It never fails there, which the SDK would not notice and Node would not
 * forgive: it says so by a signal and stands still until the request has ended.
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

  /** Of all that was given, as S3 writes it. */
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
