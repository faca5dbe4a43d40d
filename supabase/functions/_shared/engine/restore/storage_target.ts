/**
 * Supabase Storage as a restore writes it. Failures are LifeboatErrors with the codes of a StorageSource
 * (engine/media/storage_source.ts): `source_refused`, `source_unavailable` (transient), `source_path_unreachable`,
 * `source_failed`. Undefined means "not there", and only where Storage itself said so. All calls may be repeated.
 */
export interface StorageTarget {
  /** Every bucket that the key may see. */
  buckets(signal?: AbortSignal): Promise<readonly TargetBucket[]>;
  createBucket(bucket: TargetBucket, signal?: AbortSignal): Promise<void>;
  /** Storage's description of an object; undefined when it has none of this name. */
  describe(bucket: string, path: string, signal?: AbortSignal): Promise<TargetObject | undefined>;
  /** The bytes of an object. The caller reads them to their end or cancels. */
  read(bucket: string, path: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Stores an object of `sizeBytes` bytes, which becomes visible whole or not at all. With `overwrite: false` an
   * existing object makes it throw `storage_object_exists` (conflict).
   */
  upload(upload: StorageUpload, signal?: AbortSignal): Promise<void>;
}

export interface TargetBucket {
  readonly id: string;
  readonly name: string;
  readonly public: boolean;
  /** In bytes; null when the project's own limit applies. */
  readonly fileSizeLimit: number | null;
  readonly allowedMimeTypes: readonly string[] | null;
}

export interface TargetObject {
  readonly sizeBytes: number | null;
  /** Without quotes. An MD5 unless the object was uploaded in parts. */
  readonly etag: string | null;
  readonly contentType: string | null;
}

export interface StorageUpload {
  readonly bucket: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly contentType: string | null;
  /** As Storage stores it, `max-age=3600` or `no-cache`. */
  readonly cacheControl: string | null;
  readonly userMetadata: unknown;
  readonly overwrite: boolean;
  /** Opens the bytes. Called again for each attempt. */
  readonly open: (signal?: AbortSignal) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}
