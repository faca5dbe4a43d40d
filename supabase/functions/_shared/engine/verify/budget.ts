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
  readonly #limits: VerifyLimits;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #requests = 0;
  #readBytes = 0;
  #rawBytes = 0;

  constructor(limits: VerifyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#startedMs = clock.now().getTime();
  }

  /**
   * Sets the cost aside; false when it does not fit any more. `share`, up to 1, is what of requests, bytes read and time
   * the caller and those before it may have: a dump of many tables must leave something to the files.
   */
  take({ requests = 1, readBytes = 0, rawBytes = 0 }: Cost, share = 1): boolean {
    const { requests: mostRequests, readBytes: mostReadBytes, rawBytes: mostRawBytes, milliseconds } = this.#limits;
    const fits = this.#requests + requests <= mostRequests * share &&
      this.#readBytes + readBytes <= mostReadBytes * share && this.#rawBytes + rawBytes <= mostRawBytes &&
      this.#clock.now().getTime() - this.#startedMs < milliseconds * share;
    if (!fits) return false;
    this.#requests += requests;
    this.#readBytes += readBytes;
    this.#rawBytes += rawBytes;
    return true;
  }

  get requestsLeft(): number {
    return this.#limits.requests - this.#requests;
  }

  get readBytesLeft(): number {
    return this.#limits.readBytes - this.#readBytes;
  }
}
