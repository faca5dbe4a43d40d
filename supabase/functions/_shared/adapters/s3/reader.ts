import { hasCode } from "../../engine/errors.ts";
import { StoreAnswer } from "../../engine/store/store_answer.ts";
import type { GetOptions, ObjectContent, ObjectInfo, ReadOptions } from "../../engine/store/object_store.ts";
import { checkedBody } from "./body.ts";
import type { S3Call, S3Connection } from "./connection.ts";
import { otherFailure, unavailableFailure } from "./failures.ts";
import { plainETag } from "./integrity.ts";
import { decodeMetadata } from "./metadata.ts";
import { objectUrl } from "./settings.ts";
import type { SignedRequests } from "./signed_requests.ts";

const METADATA = "x-amz-meta-";

/** Reads objects and their properties. */
export class S3Reader {
  readonly #requests: SignedRequests;
  readonly #connection: S3Connection;

  constructor(requests: SignedRequests, connection: S3Connection) {
    this.#requests = requests;
    this.#connection = connection;
  }

  async head(key: string, options: ReadOptions = {}, signal?: AbortSignal): Promise<ObjectInfo> {
    const call = { operation: "s3.head", subject: key };
    const { url, headers } = this.#request(key, options, call);
    try {
      const response = await this.#requests.read("HEAD", url, headers, call, signal);
      await response.body?.cancel();
      const sizeBytes = contentLength(response);
      if (sizeBytes === undefined) throw unavailableFailure("the answer has no length", call.operation, key);
      return describe(key, sizeBytes, response.headers, call);
    } catch (error) {
      if (!isBare404(error)) throw error;
      return await this.#whatIsMissing(key, options, signal);
    }
  }

  async get(key: string, options: GetOptions = {}, signal?: AbortSignal): Promise<ObjectContent> {
    const call = { operation: "s3.get", subject: key };
    const { url, headers } = this.#request(key, options, call);
    const { range } = options;
    if (range && !(range.offset >= 0 && range.length > 0)) {
      throw otherFailure("a range needs an offset of 0 or more and a length of 1 or more", call.operation, key);
    }
    if (range) headers.range = `bytes=${range.offset}-${range.offset + range.length - 1}`;
    const response = await this.#requests.read("GET", url, headers, call, signal);
    const source: ReadableStream<Uint8Array> = response.body ?? new Blob([]).stream();
    try {
      const { bodyBytes, totalBytes } = lengths(response, range, call);
      const info = describe(key, totalBytes, response.headers, call);
      return { info, body: checkedBody(source, bodyBytes, this.#connection, call, signal) };
    } catch (error) {
      await source.cancel(error);
      throw error;
    }
  }

  #request(key: string, { versionId, ifMatch }: ReadOptions, call: S3Call) {
    const address = objectUrl(this.#connection.location, key, call.operation);
    return {
      url: versionId === undefined ? address : `${address}?versionId=${encodeURIComponent(versionId)}`,
      headers: (ifMatch === undefined ? {} : { "if-match": `"${ifMatch}"` }) as Record<string, string>,
    };
  }

  /**
   * Asks by GET what is missing. A 404 to HEAD has no body and may mean that the object or that the bucket is missing.
   */
  async #whatIsMissing(key: string, options: ReadOptions, signal?: AbortSignal): Promise<ObjectInfo> {
    const { info, body } = await this.get(key, options, signal);
    // The object was written between the two requests.
    await body.cancel();
    return info;
  }
}

function isBare404(error: unknown): boolean {
  return hasCode(error, "store_failed") && error.cause instanceof StoreAnswer && error.cause.status === 404;
}

function describe(key: string, sizeBytes: number, headers: Headers, call: S3Call): ObjectInfo {
  const text = (name: string) => headers.get(name) ?? undefined;
  const lastModified = new Date(text("last-modified") ?? "");
  if (Number.isNaN(lastModified.getTime())) {
    throw unavailableFailure("the answer has no Last-Modified", call.operation, key);
  }
  const metadata = [...headers].filter(([name]) => name.startsWith(METADATA)).map(([name, value]) =>
    [name.slice(METADATA.length), value] as const
  );
  return {
    key,
    sizeBytes,
    etag: plainETag(headers.get("etag"), call.operation, key),
    lastModified,
    versionId: text("x-amz-version-id"),
    contentType: text("content-type"),
    cacheControl: text("cache-control"),
    contentDisposition: text("content-disposition"),
    metadata: decodeMetadata(Object.fromEntries(metadata)),
  };
}

function contentLength({ headers }: Response): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The sizes that body and object must have, in bytes. Throws when a server has ignored the range. */
function lengths(
  response: Response,
  range: GetOptions["range"],
  call: S3Call,
): { bodyBytes: number; totalBytes: number } {
  const bodyBytes = contentLength(response);
  const contentRange = response.headers.get("content-range");
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
