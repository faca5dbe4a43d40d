/** Collects bytes into blocks of one size, in one buffer. A full block is handed on only when more follows. */
export class BlockBuffer {
  readonly #block: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(sizeBytes: number, rest?: Uint8Array) {
    this.#block = new Uint8Array(sizeBytes);
    if (rest) this.#block.set(rest);
    this.#used = rest?.length ?? 0;
  }

  /** A view of what was not handed on. */
  get rest(): Uint8Array<ArrayBuffer> {
    return this.#block.subarray(0, this.#used);
  }

  /** Copies the bytes. The buffer is written over once `handOn` has resolved. */
  async write(bytes: Uint8Array, handOn: (block: Uint8Array<ArrayBuffer>) => Promise<void>): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      if (this.#used === this.#block.length) await this.flush(handOn);
      const taken = Math.min(bytes.length - offset, this.#block.length - this.#used);
      this.#block.set(bytes.subarray(offset, offset + taken), this.#used);
      this.#used += taken;
      offset += taken;
    }
  }

  /** Hands on what is left, if anything is. */
  async flush(handOn: (block: Uint8Array<ArrayBuffer>) => Promise<void>): Promise<void> {
    if (this.#used === 0) return;
    await handOn(this.rest);
    this.#used = 0;
  }
}
