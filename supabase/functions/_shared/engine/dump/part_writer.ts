import type { Checksum, Checksums } from "../checksum.ts";
import { hasCode } from "../errors.ts";
import type { RunCleanup } from "../run/run.ts";
import { putOnce } from "../store/put_once.ts";
import type { MultipartUpload, ObjectStore, PutOptions, StoredObject, UploadedPart } from "../store/object_store.ts";

export interface PartWriterSettings {
  readonly key: string;
  /** All parts but the last have this size (R2 demands it). At least 5 MiB, S3's least. */
  readonly partSizeBytes: number;
  readonly options: PutOptions;
  /** Told before the first part is sent, so that a dead run's parts can be given back. */
  readonly remember: (cleanup: RunCleanup | undefined) => Promise<void>;
}

/** Where a writer stands, to be gone on from in another invocation. Plain JSON. */
export interface PartsPosition {
  readonly uploadId: string | null;
  readonly sizeBytes: number;
  readonly parts: number;
}

/** What a writer goes on from: its position and the bytes of the unfinished part. */
export interface CarriedParts extends PartsPosition {
  readonly rest: Uint8Array;
}

/**
 * Sends a stream of bytes under one key without knowing its length: short ones as a single request, longer ones as
 * parts of equal size. Holds one part in memory. Nothing is visible under the key before `finish`.
 */
export class PartWriter {
  /** The parts that this writer sent; those before are the business of whoever carried them. */
  readonly parts: UploadedPart[] = [];
  readonly #store: ObjectStore;
  readonly #checksums: Checksums;
  readonly #settings: PartWriterSettings;
  readonly #sha256: Checksum;
  readonly #signal: AbortSignal;
  readonly #partsBefore: number;
  #uploadId: string | null;
  #upload: MultipartUpload | undefined;
  #part: Uint8Array<ArrayBuffer>;
  #used = 0;
  #sizeBytes: number;

  /** `sha256` has seen every byte before `carried`, its rest included. */
  constructor(
    store: ObjectStore,
    checksums: Checksums,
    sha256: Checksum,
    settings: PartWriterSettings,
    signal: AbortSignal,
    carried?: CarriedParts,
  ) {
    this.#store = store;
    this.#checksums = checksums;
    this.#settings = settings;
    this.#sha256 = sha256;
    this.#signal = signal;
    this.#partsBefore = carried?.parts ?? 0;
    this.#uploadId = carried?.uploadId ?? null;
    this.#sizeBytes = carried?.sizeBytes ?? 0;
    this.#part = new Uint8Array(settings.partSizeBytes);
    if (carried) this.#part.set(carried.rest);
    this.#used = carried?.rest.length ?? 0;
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get position(): PartsPosition {
    return { uploadId: this.#uploadId, sizeBytes: this.#sizeBytes, parts: this.#partsBefore + this.parts.length };
  }

  /** A view of the unfinished part. */
  get rest(): Uint8Array<ArrayBuffer> {
    return this.#part.subarray(0, this.#used);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#sha256.update(bytes);
    this.#sizeBytes += bytes.length;
    for (let offset = 0; offset < bytes.length;) {
      if (this.#used === this.#part.length) await this.#sendPart();
      const taken = Math.min(bytes.length - offset, this.#part.length - this.#used);
      this.#part.set(bytes.subarray(offset, offset + taken), this.#used);
      this.#used += taken;
      offset += taken;
    }
  }

  /** Sends what is left, unless all of it fits into the single request that `finish` makes. */
  async sendRest(): Promise<void> {
    if (this.#uploadId !== null && this.#used > 0) await this.#sendPart();
  }

  /**
   * Makes the object visible, if the key is free, and returns what was stored. `confirm` is asked right before. `before`
   * are the parts that were carried. May be repeated by another writer that stands where this one does.
   */
  async finish(
    confirm: () => Promise<void>,
    before: readonly UploadedPart[] = [],
  ): Promise<StoredObject & { readonly sha256: string }> {
    const { key, options } = this.#settings;
    const sha256 = this.#sha256.hex();
    await this.sendRest();
    await confirm();
    if (this.#uploadId === null) {
      return { ...await putOnce(this.#store, this.#checksums, key, this.rest, options, this.#signal), sha256 };
    }
    const upload = await this.#open();
    const stored = await upload.complete([...before, ...this.parts], { ifNoneMatch: true }, this.#signal);
    await this.#settings.remember(undefined);
    return { ...stored, sha256 };
  }

  /** Gives the parts back. The run's own signal may be aborted already, so it is not used. */
  async abort(): Promise<void> {
    if (this.#uploadId === null) return;
    await (await this.#open(false)).abort();
    await this.#settings.remember(undefined);
  }

  async #sendPart(): Promise<void> {
    const upload = await this.#open();
    const number = this.#partsBefore + this.parts.length + 1;
    this.parts.push(await upload.putPart(number, this.rest, this.#signal));
    this.#used = 0;
  }

  /** Begins the upload, or goes on with the one that was carried. */
  async #open(heedSignal = true): Promise<MultipartUpload> {
    if (this.#upload) return this.#upload;
    const { key, options } = this.#settings;
    const signal = heedSignal ? this.#signal : undefined;
    const upload = await this.#store.openUpload(
      key,
      this.#uploadId === null ? options : { ...options, uploadId: this.#uploadId },
      signal,
    );
    if (this.#uploadId === null) {
      try {
        await this.#settings.remember({ uploadKey: key, uploadId: upload.uploadId });
      } catch (error) {
        // Nobody else knows of it. If it cannot be given back either, the bucket's lifecycle rule does it.
        if (hasCode(error, "run_taken_over")) await upload.abort().catch(() => undefined);
        throw error;
      }
      this.#uploadId = upload.uploadId;
    }
    return this.#upload = upload;
  }
}
