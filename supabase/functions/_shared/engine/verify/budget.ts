import type { Clock } from "../clock.ts";

/** How much one verify may cost. An edge function has 2 s of CPU, and each of these costs some of it. */
export interface VerifyLimits {
  /** HEAD and GET requests. */
  readonly requests: number;
  /** Bytes read from the bucket. */
  readonly readBytes: number;
  /** Bytes of JSON to decompress, parse and take digests of. */
  readonly rawBytes: number;
  readonly milliseconds: number;
}

export interface Cost {
  readonly requests?: number;
  readonly readBytes?: number;
  readonly rawBytes?: number;
}

/** Keeps a verify within its limits: what does not fit is not begun, and the coverage says so. */
export class Budget {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  #requests: number;
  #readBytes: number;
  #rawBytes: number;

  constructor(limits: VerifyLimits, clock: Clock) {
    this.#clock = clock;
    this.#deadlineMs = clock.now().getTime() + limits.milliseconds;
    this.#requests = limits.requests;
    this.#readBytes = limits.readBytes;
    this.#rawBytes = limits.rawBytes;
  }

  /** Sets the cost aside; false when it does not fit any more. */
  take({ requests = 1, readBytes = 0, rawBytes = 0 }: Cost): boolean {
    const fits = requests <= this.#requests && readBytes <= this.#readBytes && rawBytes <= this.#rawBytes &&
      this.#clock.now().getTime() < this.#deadlineMs;
    if (!fits) return false;
    this.#requests -= requests;
    this.#readBytes -= readBytes;
    this.#rawBytes -= rawBytes;
    return true;
  }

  get requestsLeft(): number {
    return this.#requests;
  }

  get readBytesLeft(): number {
    return this.#readBytes;
  }
}
