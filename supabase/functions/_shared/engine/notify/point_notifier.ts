import type { Clock } from "../clock.ts";
import type { LifeboatError } from "../errors.ts";
import { formatPoint } from "../format/keys.ts";
import type { DamageAlert } from "./damage_email.ts";
import type { EmailNotifier } from "./email_notifier.ts";
import type { Ping } from "./ping.ts";
import { pointOutcome } from "./recovery_point_email.ts";
import type { Notifier, NotifyResult, PointSummary } from "../run/notifier.ts";

export interface NotifierDependencies {
  readonly clock: Clock;
  readonly project: string;
  readonly emails: EmailNotifier;
  /** Absent when no outside monitor is configured. */
  readonly ping?: Ping;
}

/** Reports the outcome of a recovery point to the owner by email and to the outside monitor by ping. */
export interface PointNotifier extends Notifier {
  /** Reports a scheduled backup that found no database to record itself in. Sends at most one email a minute. */
  notifyNotStarted(error: LifeboatError, signal?: AbortSignal): Promise<void>;
  /** Reports a damaged recovery point. May be repeated: one email is sent for each verify run that found damage. */
  notifyDamaged(alert: DamageAlert, signal?: AbortSignal): Promise<NotifyResult>;
}

export function createPointNotifier({ clock, project, emails, ping }: NotifierDependencies): PointNotifier {
  async function pingFor(summary: PointSummary, signal?: AbortSignal): Promise<string | undefined> {
    // The monitor waits for the daily backup, about which a media run of its own says nothing.
    if (!ping || !summary.database) return undefined;
    const outcome = pointOutcome(summary);
    return outcome === "success"
      ? await ping.success(signal)
      : await ping.failure(`${summary.recoveryPoint}: ${outcome}`, signal);
  }
  return {
    async notify(summary, signal) {
      const warning = await pingFor(summary, signal);
      return { ...await emails.notify(summary, signal), ...warning && { warning } };
    },
    notifyOverdue: (alert, signal) => emails.notifyOverdue({ ...alert, project: alert.project ?? project }, signal),
    async notifyDamaged(alert, signal) {
      await ping?.failure(`${alert.recoveryPoint}: damaged`, signal);
      return await emails.notifyDamaged(alert, signal);
    },
    async notifyNotStarted(error, signal) {
      await ping?.failure(`not started: ${error.code}`, signal);
      const minute = new Date(Math.floor(clock.now().getTime() / 60_000) * 60_000);
      await emails.notifyNotStarted({ project, slot: formatPoint(minute), error }, signal);
    },
  };
}
