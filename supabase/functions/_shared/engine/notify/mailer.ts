/** An email, written and ready to be sent. */
export interface Email {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for every attempt, at most 256 characters: the provider sends emails with equal keys once. */
  readonly idempotencyKey: string;
}

/** The outcome of sending. `id` is the provider's and proves that the email was taken. */
export type MailResult =
  | { readonly status: "sent"; readonly id: string }
  | { readonly status: "failed"; readonly error: string };

/** A way to send emails to the owner. */
export interface Mailer {
  /**
   * Sends an email. Never rejects, since an unsent email must not fail a backup; `error` says why, without secrets. May
   * be repeated; the idempotency key keeps a second one from arriving.
   */
  send(email: Email, signal?: AbortSignal): Promise<MailResult>;
}
