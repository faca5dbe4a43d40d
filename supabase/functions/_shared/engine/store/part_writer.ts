import { BlockBuffer } from "../block_buffer.ts";
import type { Checksum, Checksums } from "../checksum.ts";
import type { ObjectStore, PutOptions, StoredObject, UploadedPart } from "./object_store.ts";
import { PartUpload } from "./part_upload.ts";
import { putOnce } from "./put_once.ts";

/** S3's least size of a part that is not the last. Larger ones cost memory, which an edge function has less of than requests. */
export const LEAST_PART_BYTES = 5 * 1024 * 1024;

export interface PartWriterSettings {
  readonly key: string;
  /** All parts but the last have this size (R2 demands it). At least `LEAST_PART_BYTES`. */
  readonly partSizeBytes: number;
  readonly options: PutOptions;
  /** Called with the upload's id before its first part is sent, so that a dead run's parts can be given back; with null once it is over. */
  readonly note: (uploadId: string | null) => Promise<void>;
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
  readonly #store: ObjectStore;
  readonly #checksums: Checksums;
  readonly #settings: PartWriterSettings;
  readonly #sha256: Checksum;
  readonly #signal: AbortSignal;
  readonly #carried: CarriedParts | undefined;
  readonly #part: BlockBuffer;
  #upload: PartUpload | undefined;
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
    this.#carried = carried;
    this.#sizeBytes = carried?.sizeBytes ?? 0;
    this.#part = new BlockBuffer(settings.partSizeBytes, carried?.rest);
  }

  /** The parts that this writer sent; those before are the business of whoever carried them. */
  get parts(): readonly UploadedPart[] {
    return this.#upload?.parts ?? [];
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get position(): PartsPosition {
    const parts = (this.#carried?.parts ?? 0) + this.parts.length;
    return { uploadId: this.#uploadId, sizeBytes: this.#sizeBytes, parts };
  }

  /** A view of the unfinished part. */
  get rest(): Uint8Array<ArrayBuffer> {
    return this.#part.rest;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#sha256.update(bytes);
    this.#sizeBytes += bytes.length;
    await this.#part.write(bytes, (part) => this.#send(part));
  }

  /** Sends what is left, unless all of it fits into the single request that `finish` makes. */
  async sendRest(): Promise<void> {
    if (this.#uploadId !== null) await this.#part.flush((part) => this.#send(part));
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
    const stored = await (await this.#open()).complete(before, { ifNoneMatch: true }, this.#signal);
    await this.#settings.note(null);
    return { ...stored, sha256 };
  }

  /** Gives the parts back. The run's own signal may be aborted already, so it is not used. */
  async abort(): Promise<void> {
    if (this.#uploadId === null) return;
    await (await this.#open()).abort();
    await this.#settings.note(null);
  }

  get #uploadId(): string | null {
    return this.#upload?.uploadId ?? this.#carried?.uploadId ?? null;
  }

  async #send(part: Uint8Array<ArrayBuffer>): Promise<void> {
    await (await this.#open()).send(part, this.#signal);
  }

  /** Begins the upload, or goes on with the one that was carried. */
  async #open(): Promise<PartUpload> {
    if (this.#upload) return this.#upload;
    const { key, options, note } = this.#settings;
    const { uploadId, parts } = this.#carried ?? { uploadId: null, parts: 0 };
    return this.#upload = uploadId === null
      ? await PartUpload.begin(this.#store, key, options, note, this.#signal)
      : await PartUpload.resume(this.#store, key, options, uploadId, parts);
  }
}
