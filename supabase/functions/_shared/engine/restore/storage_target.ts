/**
 * Supabase Storage as a restore writes it. Failures are LifeboatErrors with the codes of a StorageSource
 * (engine/media/storage_source.ts): `source_refused`, `source_unavailable` (transient), `source_path_unreachable`,
 * `source_failed`. "Not there" is said by undefined, and only where Storage itself said so. All may be repeated.
 */
export interface StorageTarget {
  /** Every bucket that the key sees. */
  buckets(signal?: AbortSignal): Promise<readonly TargetBucket[]>;
  createBucket(bucket: TargetBucket, signal?: AbortSignal): Promise<void>;
  /** What Storage says of an object, undefined when it has none of this name. */
  describe(bucket: string, path: string, signal?: AbortSignal): Promise<TargetObject | undefined>;
  /** The bytes of an object. The caller reads them to their end or cancels. */
  read(bucket: string, path: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Stores an object of `sizeBytes` bytes. It is visible whole or not at all. `overwrite: false` fails with
   * `storage_object_exists` (conflict) where one of this name is.
   */
  upload(upload: StorageUpload, signal?: AbortSignal): Promise<void>;
}

export interface TargetBucket {
  readonly id: string;
  readonly name: string;
  readonly public: boolean;
  /** In bytes; null for the project's own limit. */
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
  /** As Storage keeps it, `max-age=3600` or `no-cache`. */
  readonly cacheControl: string | null;
  readonly userMetadata: unknown;
  readonly overwrite: boolean;
  /** Opens the bytes; called again for another attempt. */
  readonly open: (signal?: AbortSignal) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}
