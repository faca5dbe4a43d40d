/**
 * Work that begins only while there is capacity for it, first come first served. Capacity and weight have the same unit
 * (requests, bytes). What weighs more than the whole capacity, or `Infinity`, begins when nothing else is under way.
 */
export class Semaphore {
  #used = 0;
  readonly #waiting: { readonly weight: number; readonly begin: () => void }[] = [];

  constructor(private readonly capacity: number) {}

  /**
   * Resolves when there is capacity; rejects with the signal's reason when that is aborted before. The caller calls the
   * function that it gets when the work has ended.
   */
  acquire(weight: number, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        // A lighter one that waited behind a heavy one may begin now.
        this.#beginNext();
        reject(signal?.reason);
      };
      const waiter = {
        weight: Math.min(weight, this.capacity),
        begin: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(this.#releaseOnce(waiter.weight));
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#beginNext();
    });
  }

  /** Does the work once there is capacity, which it holds until it has settled. */
  async use<Result>(weight: number, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    const release = await this.acquire(weight, signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #releaseOnce(weight: number): () => void {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#used -= weight;
      this.#beginNext();
    };
  }

  #beginNext(): void {
    while (this.#waiting.length > 0) {
      const { weight, begin } = this.#waiting[0];
      if (this.#used + weight > this.capacity) return;
      this.#waiting.shift();
      this.#used += weight;
      begin();
    }
  }
}
