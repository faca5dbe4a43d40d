import type { Clock } from "../clock.ts";
import type { LifeboatError } from "../errors.ts";
import { formatPoint } from "../format/keys.ts";
import type { DamageAlert } from "./damage_email.ts";
import type { EmailNotifier } from "./email_notifier.ts";
import type { Ping } from "./ping.ts";
import { outcomeOf } from "./recovery_point_email.ts";
import type { Notifier, NotifyResult, PointSummary } from "../run/notifier.ts";

export interface NotifierDependencies {
  readonly clock: Clock;
  readonly project: string;
  readonly emails: EmailNotifier;
  /** Absent: no outside monitor is told. */
  readonly ping?: Ping;
}

/** Tells the owner by email and the outside monitor by ping what became of a recovery point. */
export interface PointNotifier extends Notifier {
  /** A scheduled backup that could not even be recorded, since the database cannot be reached. One email a minute at most. */
  notifyNotStarted(error: LifeboatError, signal?: AbortSignal): Promise<void>;
  /** A stored recovery point was found damaged. May be repeated: one email for each verify run that found it. */
  notifyDamaged(alert: DamageAlert, signal?: AbortSignal): Promise<NotifyResult>;
}

export function createPointNotifier({ clock, project, emails, ping }: NotifierDependencies): PointNotifier {
  async function pingFor(summary: PointSummary, signal?: AbortSignal): Promise<string | undefined> {
    // A media run of its own says nothing about the daily backup, which is what the monitor waits for.
    if (!ping || !summary.database) return undefined;
    const outcome = outcomeOf(summary);
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
