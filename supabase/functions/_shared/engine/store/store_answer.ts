/**
 * What a store answered when it failed: the `cause` of the LifeboatErrors that an adapter throws. Holds nothing secret
 * (no signature, no key id, no query string), so it may be logged.
 */
export class StoreAnswer extends Error {
  /** HTTP status; undefined when there was no answer. */
  readonly status?: number;
  /** The provider's own code, for example `SlowDown`. */
  readonly providerCode?: string;
  /** What the provider's support asks for. */
  readonly requestId?: string;
  /** From Retry-After: how long the store asks to be left alone. */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    details: { status?: number; providerCode?: string; requestId?: string; retryAfterMs?: number } = {},
  ) {
    super(message);
    this.name = "StoreAnswer";
    this.status = details.status;
    this.providerCode = details.providerCode;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}
