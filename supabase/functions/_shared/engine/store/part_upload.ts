import { LifeboatError } from "../errors.ts";
import type { MultipartUpload, ObjectStore, PutOptions, StoredObject, UploadedPart } from "./object_store.ts";

/**
 * An upload whose parts several invocations may send, one after the other. Each keeps the parts that it sent; those before
 * are carried by whoever keeps the checkpoints, and are only counted here.
 */
export class PartUpload {
  /** The parts that this invocation sent. */
  readonly parts: UploadedPart[] = [];
  readonly #upload: MultipartUpload;
  readonly #partsBefore: number;

  private constructor(upload: MultipartUpload, partsBefore: number) {
    this.#upload = upload;
    this.#partsBefore = partsBefore;
  }

  /**
   * Begins an upload and has its id noted where others find it, before a part is sent. Throws what the store and `note`
   * throw. When the id was refused nobody knows of the upload, and it is given back, or else falls to the bucket's lifecycle
   * rule. A failure that may pass tells nothing (the answer may have been lost): another invocation may go on with it.
   */
  static async begin(
    store: ObjectStore,
    key: string,
    options: PutOptions,
    note: (uploadId: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<PartUpload> {
    const upload = await store.openUpload(key, options, signal);
    try {
      await note(upload.uploadId);
    } catch (error) {
      const mayBeNoted = error instanceof LifeboatError && error.kind === "transient";
      if (!mayBeNoted) await upload.abort().catch(() => undefined);
      throw error;
    }
    return new PartUpload(upload, 0);
  }

  /** Goes on with an upload of which `partsBefore` parts lie in the store. */
  static async resume(
    store: ObjectStore,
    key: string,
    options: PutOptions,
    uploadId: string,
    partsBefore: number,
    signal?: AbortSignal,
  ): Promise<PartUpload> {
    return new PartUpload(await store.openUpload(key, { ...options, uploadId }, signal), partsBefore);
  }

  get uploadId(): string {
    return this.#upload.uploadId;
  }

  async send(bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<UploadedPart> {
    const number = this.#partsBefore + this.parts.length + 1;
    const part = await this.#upload.putPart(number, bytes, signal);
    this.parts.push(part);
    return part;
  }

  /** Makes the object visible. `before` are the parts of earlier invocations. As `MultipartUpload.complete`. */
  complete(
    before: readonly UploadedPart[],
    condition: Pick<PutOptions, "ifNoneMatch" | "ifMatch">,
    signal?: AbortSignal,
  ): Promise<StoredObject> {
    return this.#upload.complete([...before, ...this.parts], condition, signal);
  }

  /** Gives all parts back. May be repeated. */
  abort(signal?: AbortSignal): Promise<void> {
    return this.#upload.abort(signal);
  }
}
