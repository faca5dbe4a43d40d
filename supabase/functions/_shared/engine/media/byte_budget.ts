/** Bytes of memory that may be in use at once. Whoever wants more than is left waits, first come first served. */
export class ByteBudget {
  readonly #total: number;
  #left: number;
  readonly #waiting: { bytes: number; start: () => void }[] = [];

  constructor(totalBytes: number) {
    this.#total = totalBytes;
    this.#left = totalBytes;
  }

  /** Runs `work` once `bytes` are free, and gives them back after it. More than the total counts as the total. */
  async use<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    const claimed = Math.min(Math.max(bytes, 0), this.#total);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: claimed, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#left += claimed;
      this.#startNext();
    }
  }

  #startNext(): void {
    while (this.#waiting.length > 0 && this.#waiting[0].bytes <= this.#left) {
      const next = this.#waiting.shift()!;
      this.#left -= next.bytes;
      next.start();
    }
  }
}
