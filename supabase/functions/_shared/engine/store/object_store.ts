/**
 * The bucket as the engine sees it: eight methods, whatever stands behind them. Every implementation passes
 * `tests/conformance/object_store.ts`; retrying, limiting and prefix are decorators of this same interface.
 *
 * Common to all methods:
 * - Failures are LifeboatErrors. `object_missing` (kind `missing`) is thrown only when the store itself said so;
 *   `store_refused` (kind `refused`) for credentials and permissions; `store_precondition_failed` (kind `conflict`) for
 *   `ifNoneMatch`/`ifMatch`; `store_unavailable` (kind `transient`) for 429, 500, 502, 503, 504, time-outs and broken
 *   connections; `bucket_missing` (kind `permanent`); `object_corrupt` (kind `transient`) when the bytes that arrived
 *   are not the bytes that were sent; `upload_missing` (kind `permanent`) for an upload that was aborted, completed or
 *   cleaned up, or whose parts are not those that were to be joined; `metadata_too_large` (over 2 KB) and `metadata_invalid` (kind `permanent`) before anything is sent;
 *   everything else is `store_failed` (kind `permanent`). The `cause` is a StoreAnswer where the store gave an answer.
 * - Keys are sent exactly as given. A key that a URL parser would change is refused with `key_unsafe` before anything is
 *   sent.
 * - All of them may be repeated. An aborted signal rejects with the signal's reason; a write that was cut off may or may
 *   not have happened, but never leaves half an object.
 */
export interface ObjectStore {
  /** What the store knows of one object, or of one of its versions. Throws `object_missing`. */
  head(key: string, options?: ReadOptions, signal?: AbortSignal): Promise<ObjectInfo>;

  /**
   * Opens one object, or a range of it. The caller reads `body` to its end or cancels it. A body that ends early rejects
   * with `store_unavailable`; it never simply ends.
   */
  get(key: string, options?: GetOptions, signal?: AbortSignal): Promise<ObjectContent>;

  /**
   * Every object whose key starts with `prefix`, in key order (UTF-8 bytes), page by page; a failed page throws. With
   * `after` only those whose keys come after it.
   */
  list(prefix: string, signal?: AbortSignal, after?: string): AsyncIterable<ListedObject>;

  /** Stores a small object whole (single request). The MD5 of the bytes is compared with what the store says it has. */
  put(key: string, body: Uint8Array<ArrayBuffer>, options: PutOptions, signal?: AbortSignal): Promise<StoredObject>;

  /**
   * Stores a stream. Of unknown length: as one request when it is short, else in parts, whose MD5s are compared. With
   * `sizeBytes`: as one request, with a checksum behind it that the store compares; `store_failed` where it does not, or
   * where the stream has another length. A stream that fails stores nothing.
   */
  putStream(
    key: string,
    body: AsyncIterable<Uint8Array<ArrayBuffer>>,
    options: PutOptions & { readonly sizeBytes?: number },
    signal?: AbortSignal,
  ): Promise<StoredObject>;

  /** Begins a multipart upload, or with `uploadId` goes on with one that an earlier invocation began. */
  openUpload(key: string, options: PutOptions & { uploadId?: string }, signal?: AbortSignal): Promise<MultipartUpload>;

  /** Copies within the bucket on the server's side, content type and metadata included. Throws `object_missing`. */
  copy(fromKey: string, toKey: string, options?: CopyOptions, signal?: AbortSignal): Promise<StoredObject>;

  /** Removes objects. One that is not there counts as removed. Throws unless every one of them is gone. */
  remove(keys: readonly string[], signal?: AbortSignal): Promise<void>;
}

/** An upload in parts. Nothing is visible under the key until `complete`. All parts but the last are of equal size (R2 demands it). */
export interface MultipartUpload {
  readonly uploadId: string;
  /** Stores part `number` (from 1). Repeating a number replaces the part. The part's MD5 is compared. */
  putPart(number: number, bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<UploadedPart>;
  /**
   * Makes the object visible. Repeated after a lost answer it finds the object that it made. `ifNoneMatch` makes it fail
   * with `store_precondition_failed` where the key is taken; `ifMatch` as in `PutOptions`.
   */
  complete(
    parts: readonly UploadedPart[],
    options?: Pick<PutOptions, "ifNoneMatch" | "ifMatch">,
    signal?: AbortSignal,
  ): Promise<StoredObject>;
  /** Gives the parts back. May be repeated; an upload that is already gone is no error. */
  abort(signal?: AbortSignal): Promise<void>;
}

export interface ReadOptions {
  readonly versionId?: string;
  /** Only when the object still has this ETag, else `store_precondition_failed`. */
  readonly ifMatch?: string;
}

export interface GetOptions extends ReadOptions {
  /** Bytes `offset` to `offset + length - 1`. */
  readonly range?: { readonly offset: number; readonly length: number };
}

export interface CopyOptions {
  /** The version to copy; the newest when absent. */
  readonly versionId?: string;
  /** Only while the object has this ETag, else `store_precondition_failed`. */
  readonly ifMatch?: string;
}

export interface PutOptions {
  readonly contentType: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  /** User metadata. Keys lower case; values may be any Unicode and are encoded for transport by the adapter. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only if the key is free, else `store_precondition_failed`. Stores without conditional writes ignore it: read back. */
  readonly ifNoneMatch?: boolean;
  /**
   * Only over the object that has this ETag, else `store_precondition_failed`, or `object_missing` where there is none.
   * Stores without conditional writes ignore it.
   */
  readonly ifMatch?: string;
  /** MD5 of the bytes of a `put` as hex, where the caller has it already: else it is computed. */
  readonly md5?: string;
}

export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
  readonly sizeBytes: number;
}

export interface StoredObject {
  readonly key: string;
  /** As the store gives it, without quotes. */
  readonly etag: string;
  /** Present where the bucket keeps versions. */
  readonly versionId?: string;
  readonly sizeBytes: number;
}

/** What a listing tells of an object. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface ObjectInfo extends ListedObject {
  readonly versionId?: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectContent {
  readonly info: ObjectInfo;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}
