/**
 * Lets work in while there is room, first come first served. `room` and `weight` have the same unit (requests, bytes). One
 * piece of work heavier than the whole room is let in when it is alone. The caller calls the returned function once, when
 * the work has ended.
 */
export class Turnstile {
  #inside = 0;
  readonly #waiting: { weight: number; enter: () => void }[] = [];

  constructor(private readonly room: number) {}

  /** Resolves when there is room; rejects with the signal's reason when aborted before. */
  enter(weight: number, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        // Whoever stood behind a heavy one may fit.
        this.#admit();
        reject(signal?.reason);
      };
      const waiter = {
        weight,
        enter: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(this.#leaveOnce(weight));
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#admit();
    });
  }

  #leaveOnce(weight: number): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside -= weight;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#waiting.length > 0) {
      const { weight, enter } = this.#waiting[0];
      if (this.#inside > 0 && this.#inside + weight > this.room) return;
      this.#waiting.shift();
      this.#inside += weight;
      enter();
    }
  }
}
