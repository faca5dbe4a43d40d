import type { BackupHistoryRow } from "../../contract/mod.ts";

/** What a message about one recovery point tells. Both rows are null only if the history was deleted meanwhile. */
export interface PointSummary {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` */
  readonly recoveryPoint: string;
  readonly database: BackupHistoryRow | null;
  /** Null when there is none: the dump failed, or the run could not be started (then `unsettled` says so). */
  readonly media: BackupHistoryRow | null;
  /** Which half had not ended when the point was settled, and why, in a plain sentence. Usually empty. */
  readonly unsettled: readonly { readonly half: "media"; readonly reason: string }[];
}

/** The newest good dump is older than its target. */
export interface OverdueAlert {
  readonly project: string | null;
  /** The newest recovery point with a good dump; null when there never was one. */
  readonly newest: string | null;
  /** When that dump began, or when Lifeboat was installed. ISO 8601. */
  readonly since: string;
  readonly targetHours: number;
}

export interface NotifyResult {
  /** `off`: nobody is configured to be told, which is no failure. */
  readonly status: "sent" | "failed" | "off";
  /** For `failed`: why, in a sentence, without secrets. */
  readonly error?: string;
  /** The provider's id of the message. */
  readonly id?: string;
  /** What went wrong beside the email, in a sentence: that the outside monitor may not know. */
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
