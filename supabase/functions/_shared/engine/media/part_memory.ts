/** The memory for bytes under way: at most `totalBytes` at once, first come first served. */
export class PartMemory {
  readonly #totalBytes: number;
  readonly #waiting: { bytes: number; start: () => void }[] = [];
  #leftBytes: number;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
    this.#leftBytes = totalBytes;
  }

  /**
   * Runs `work` once there is room for a buffer of `bytes`, which counts until it settles. One that is larger than the
   * total, or is to be `alone`, waits until nothing else is under way.
   */
  async use<Result>(
    bytes: number,
    alone: boolean,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const claimed = alone ? this.#totalBytes : Math.min(bytes, this.#totalBytes);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: claimed, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#leftBytes += claimed;
      this.#startNext();
    }
  }

  #startNext(): void {
    while (this.#waiting.length > 0 && this.#waiting[0].bytes <= this.#leftBytes) {
      const next = this.#waiting.shift()!;
      this.#leftBytes -= next.bytes;
      next.start();
    }
  }
}
