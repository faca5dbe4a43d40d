import type { Clock } from "../clock.ts";
import { notStartedEmail, overdueEmail } from "../notify/alarm_email.ts";
import type { Email, Mailer } from "../notify/mailer.ts";
import type { Ping } from "../notify/ping.ts";
import { outcomeOf, recoveryPointEmail } from "../notify/recovery_point_email.ts";
import type { LifeboatError } from "../errors.ts";
import { formatPoint } from "../format/keys.ts";
import type { Notifier, NotifyResult } from "../run/notifier.ts";

export interface NotifierDependencies {
  readonly clock: Clock;
  readonly project: string;
  /** Absent: no email is sent. */
  readonly mailer?: Mailer;
  /** Absent: no outside monitor is told. */
  readonly ping?: Ping;
  readonly adminUrl?: string;
}

/** Tells the owner and the outside monitor what became of a recovery point. */
export interface PointNotifier extends Notifier {
  /** A backup that could not even be recorded, because the database cannot be reached. Never rejects. */
  notifyNotStarted(error: LifeboatError, signal?: AbortSignal): Promise<void>;
}

export function createPointNotifier(dependencies: NotifierDependencies): PointNotifier {
  const { clock, project, mailer, ping, adminUrl } = dependencies;
  const send = async (email: Email, signal?: AbortSignal): Promise<NotifyResult> => {
    if (!mailer) return { status: "off" };
    const result = await mailer.send(email, signal);
    return result.status === "sent" ? { status: "sent", ...(result.id && { id: result.id }) } : result;
  };
  return {
    async notify(summary, signal) {
      // A media run of its own says nothing about the daily backup, which is what the monitor waits for.
      if (summary.database) {
        const outcome = outcomeOf(summary);
        await (outcome === "success"
          ? ping?.success(signal)
          : ping?.failure(`${summary.recoveryPoint}: ${outcome}`, signal));
      }
      return await send(recoveryPointEmail(summary, adminUrl), signal);
    },
    notifyOverdue: (alert, signal) =>
      send(overdueEmail({ ...alert, project: alert.project ?? project }, clock.now(), adminUrl), signal),
    async notifyNotStarted(error, signal) {
      await ping?.failure(`not started: ${error.code}`, signal);
      const slot = new Date(Math.floor(clock.now().getTime() / 60_000) * 60_000);
      await send(notStartedEmail({ project, slot: formatPoint(slot), error }, adminUrl), signal);
    },
  };
}
