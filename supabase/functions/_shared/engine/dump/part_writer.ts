import type { Checksum, Checksums } from "../checksum.ts";
import type { RunCleanup } from "../run/run.ts";
import { putOnce } from "../store/put_once.ts";
import type { MultipartUpload, ObjectStore, PutOptions, StoredObject, UploadedPart } from "../store/object_store.ts";

export interface PartWriterSettings {
  readonly key: string;
  /** All parts but the last have this size (R2 demands equal parts). At least 5 MiB, S3's least. */
  readonly partSizeBytes: number;
  readonly options: PutOptions;
  /** Told before the first part is sent, so that a dead run's parts can be given back. */
  readonly remember: (cleanup: RunCleanup | undefined) => Promise<void>;
}

/**
 * Sends a stream of bytes under one key without knowing its length: short ones as a single request, longer ones as
 * parts of equal size. Holds one part in memory. Nothing is visible under the key before `finish`.
 */
export class PartWriter {
  readonly #store: ObjectStore;
  readonly #checksums: Checksums;
  readonly #settings: PartWriterSettings;
  readonly #sha256: Checksum;
  readonly #signal: AbortSignal;
  readonly #parts: UploadedPart[] = [];
  #upload: MultipartUpload | undefined;
  #part: Uint8Array<ArrayBuffer>;
  #used = 0;
  #sizeBytes = 0;

  constructor(store: ObjectStore, checksums: Checksums, settings: PartWriterSettings, signal: AbortSignal) {
    this.#store = store;
    this.#checksums = checksums;
    this.#settings = settings;
    this.#sha256 = checksums.sha256();
    this.#signal = signal;
    this.#part = new Uint8Array(settings.partSizeBytes);
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
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

  /** Makes the object visible, if the key is free, and returns what was stored. `confirm` is asked right before. */
  async finish(confirm: () => Promise<void>): Promise<StoredObject & { readonly sha256: string }> {
    const { key, options } = this.#settings;
    const rest = this.#part.subarray(0, this.#used);
    const sha256 = this.#sha256.hex();
    if (!this.#upload) {
      await confirm();
      return { ...await putOnce(this.#store, this.#checksums, key, rest, options, this.#signal), sha256 };
    }
    this.#parts.push(await this.#upload.putPart(this.#parts.length + 1, rest, this.#signal));
    await confirm();
    const stored = await this.#upload.complete(this.#parts, { ifNoneMatch: true }, this.#signal);
    await this.#settings.remember(undefined);
    return { ...stored, sha256 };
  }

  /** Gives the parts back. The run's own signal may be aborted already, so it is not used. */
  async abort(): Promise<void> {
    if (!this.#upload) return;
    await this.#upload.abort();
    await this.#settings.remember(undefined);
  }

  async #sendPart(): Promise<void> {
    if (!this.#upload) {
      this.#upload = await this.#store.openUpload(this.#settings.key, this.#settings.options, this.#signal);
      await this.#settings.remember({ uploadKey: this.#settings.key, uploadId: this.#upload.uploadId });
    }
    this.#parts.push(await this.#upload.putPart(this.#parts.length + 1, this.#part, this.#signal));
    this.#used = 0;
  }
}
