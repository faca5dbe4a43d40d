/**
 * Supabase Storage as a media backup reads it. Failures are LifeboatErrors:
 *
 * - `source_object_missing` (kind `missing`): Storage itself said that there is no such object, or no bytes of it;
 * - `source_refused` (kind `refused`): the key is not accepted, or may not read the object;
 * - `source_unavailable` (kind `transient`): 408, 429, 5xx, a time-out, silence, a broken connection, a body that ended early;
 * - `source_path_unreachable` (kind `permanent`): no URL leads to this name;
 * - `source_failed` (kind `permanent`): everything else.
 *
 * An aborted signal rejects with the signal's reason. All may be repeated.
 */
export interface StorageSource {
  /**
   * Opens one object, whose `body` the caller cancels in the end. `pastCache` asks past every cache on the way.
   */
  open(bucket: string, path: string, options?: SourceOptions, signal?: AbortSignal): Promise<SourceObject>;

  /**
   * Resolves when the Storage API answers, accepts the key and shows it buckets; else throws as above. Tells one bad
   * object from an outage or a wrong key. To be asked only where the project has a bucket.
   */
  check(signal?: AbortSignal): Promise<void>;
}

export interface SourceOptions {
  readonly pastCache?: boolean;
  /** Bytes that the caller has already. Storage may send them all the same: see `SourceObject.offset`. */
  readonly offset?: number;
}

/** What Storage says of the object that it is about to send. */
export interface SourceObject {
  /** Without quotes and without the mark of a weak one. */
  readonly etag?: string;
  /** Of the whole object. */
  readonly sizeBytes?: number;
  /** Where `body` begins: what was asked for, or 0. */
  readonly offset: number;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly body: SourceBody;
}

/** Bytes on their way, read into memory of the reader's. */
export interface SourceBody {
  /**
   * Fills `into` and answers what was filled: less than all of it only where the object ends. `into` is not to be used any
   * more; the answer is a view of the same memory. Rejects with `source_unavailable`, also when the object ends early: it
   * never simply ends.
   */
  read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether nothing follows what was read. May read a byte to find out. Rejects as `read`. */
  isAtEnd(): Promise<boolean>;
  /** Ends it. Never rejects; may be repeated. */
  cancel(): Promise<void>;
}
