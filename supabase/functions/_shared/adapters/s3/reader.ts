import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { hasCode } from "../../engine/errors.ts";
import { StoreAnswer } from "../../engine/store/store_answer.ts";
import type { GetOptions, ObjectContent, ObjectInfo, ReadOptions } from "../../engine/store/object_store.ts";
import { checkedBody } from "./body.ts";
import type { S3Call, S3Connection } from "./connection.ts";
import { otherFailure, unavailableFailure } from "./failures.ts";
import { plainETag } from "./integrity.ts";
import { decodeMetadata } from "./metadata.ts";
import { objectUrl } from "./settings.ts";

/** What HEAD and GET both tell. */
interface Described {
  ETag?: string;
  VersionId?: string;
  LastModified?: Date;
  ContentType?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  Metadata?: Record<string, string>;
}

/** Reads objects and what is known of them. */
export class S3Reader {
  readonly #client: S3Client;
  readonly #connection: S3Connection;

  constructor(client: S3Client, connection: S3Connection) {
    this.#client = client;
    this.#connection = connection;
  }

  async head(key: string, options: ReadOptions = {}, signal?: AbortSignal): Promise<ObjectInfo> {
    const call = { operation: "s3.head", subject: key };
    objectUrl(this.#connection.location, key, call.operation);
    try {
      const output = await this.#connection.ask(
        call,
        signal,
        (abortSignal) => this.#client.send(new HeadObjectCommand(this.#input(key, options)), { abortSignal }),
      );
      if (output.ContentLength === undefined) throw unavailableFailure("the answer has no length", call.operation, key);
      return describe(key, output.ContentLength, output, call);
    } catch (error) {
      if (!isBare404(error)) throw error;
      return await this.#whatIsMissing(key, options, signal);
    }
  }

  async get(key: string, options: GetOptions = {}, signal?: AbortSignal): Promise<ObjectContent> {
    const call = { operation: "s3.get", subject: key };
    objectUrl(this.#connection.location, key, call.operation);
    const { range } = options;
    if (range && !(range.offset >= 0 && range.length > 0)) {
      throw otherFailure("a range needs an offset of 0 or more and a length of 1 or more", call.operation, key);
    }
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    const output = await this.#connection.ask(
      call,
      signal,
      (abortSignal) =>
        this.#client.send(new GetObjectCommand({ ...this.#input(key, options), Range }), { abortSignal }),
    );
    const source = output.Body?.transformToWebStream() ?? new Blob([]).stream();
    try {
      const { bodyBytes, totalBytes } = lengths(output, range, call);
      const info = describe(key, totalBytes, output, call);
      return { info, body: checkedBody(source, bodyBytes, this.#connection, call, signal) };
    } catch (error) {
      await source.cancel(error);
      throw error;
    }
  }

  #input(key: string, options: ReadOptions) {
    return {
      Bucket: this.#connection.settings.bucket,
      Key: key,
      VersionId: options.versionId,
      IfMatch: options.ifMatch && `"${options.ifMatch}"`,
    };
  }

  /** A 404 to HEAD has no body, so it may be the object or the bucket: the same GET says which. */
  async #whatIsMissing(key: string, options: ReadOptions, signal?: AbortSignal): Promise<ObjectInfo> {
    const { info, body } = await this.get(key, options, signal);
    // It has come into being between the two requests.
    await body.cancel();
    return info;
  }
}

function isBare404(error: unknown): boolean {
  return hasCode(error, "store_failed") && error.cause instanceof StoreAnswer && error.cause.status === 404;
}

function describe(key: string, sizeBytes: number, output: Described, call: S3Call): ObjectInfo {
  if (!output.LastModified) throw unavailableFailure("the answer has no Last-Modified", call.operation, key);
  return {
    key,
    sizeBytes,
    etag: plainETag(output.ETag, call.operation, key),
    lastModified: output.LastModified,
    versionId: output.VersionId,
    contentType: output.ContentType,
    cacheControl: output.CacheControl,
    contentDisposition: output.ContentDisposition,
    metadata: decodeMetadata(output.Metadata),
  };
}

/** How many bytes the body must have, and the object. A server that ignores the range is refused. */
function lengths(
  output: { ContentLength?: number; ContentRange?: string },
  range: GetOptions["range"],
  call: S3Call,
): { bodyBytes: number; totalBytes: number } {
  const { ContentLength: bodyBytes, ContentRange: contentRange } = output;
  if (bodyBytes === undefined) throw unavailableFailure("the answer has no length", call.operation, call.subject);
  if (!range) return { bodyBytes, totalBytes: bodyBytes };
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? "");
  const [first, last, totalBytes] = (match ?? []).slice(1).map(Number);
  const expectedLast = Math.min(range.offset + range.length, totalBytes) - 1;
  if (!match || first !== range.offset || last !== expectedLast || bodyBytes !== last - first + 1) {
    throw otherFailure(
      `the answer is not the range that was asked for (${contentRange})`,
      call.operation,
      call.subject,
    );
  }
  return { bodyBytes, totalBytes };
}
