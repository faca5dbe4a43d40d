import type { OverdueAlert, PointSummary } from "../../contract/point_answers.ts";

// The database answers both as JSON.
export type { OverdueAlert, PointSummary };

export interface NotifyResult {
  /** `off`: no recipient is configured, which is no failure. */
  readonly status: "sent" | "failed" | "off";
  /** For `failed`: why, in a sentence, without secrets. */
  readonly error?: string;
  /** The provider's id of the message. */
  readonly id?: string;
  /** What failed besides the email, in a sentence: for example that the outside monitor could not be reached. */
  readonly warning?: string;
}

/**
 * Tells the owner. A failure to send is an answer (`failed`), tried again later a few times; a thrown error counts as
 * one. The same summary may be given again after a sender died between sending and saying so: send with an idempotency
 * key made of project and point (for alerts: of project, name and UTC day).
 */
export interface Notifier {
  notify(summary: PointSummary, signal?: AbortSignal): Promise<NotifyResult>;
  notifyOverdue(alert: OverdueAlert, signal?: AbortSignal): Promise<NotifyResult>;
}
