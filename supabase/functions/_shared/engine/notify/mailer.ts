/** An email, written and ready to be sent. */
export interface Email {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Equal for every attempt to send the same email, at most 256 characters: the provider sends it once. */
  readonly idempotencyKey: string;
}

/** `id` is the provider's: `sent` is said only when it gave one. */
export type MailResult =
  | { readonly status: "sent"; readonly id: string }
  | { readonly status: "failed"; readonly error: string };

/** A way to send emails to the owner. */
export interface Mailer {
  /**
   * Sends an email. Never rejects: an email that could not be sent never fails a backup, and `error` says why in words
   * that hold no secret. May be repeated; the idempotency key keeps a second one from arriving.
   */
  send(email: Email, signal?: AbortSignal): Promise<MailResult>;
}
