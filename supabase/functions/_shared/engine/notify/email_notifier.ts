import type { Clock } from "../clock.ts";
import type { Notifier, NotifyResult } from "../run/notifier.ts";
import { type NotStarted, notStartedEmail, overdueEmail } from "./alarm_email.ts";
import { type DamageAlert, damageEmail } from "./damage_email.ts";
import type { Email, Mailer } from "./mailer.ts";
import { recoveryPointEmail } from "./recovery_point_email.ts";

export interface EmailNotifierOptions {
  /** Absent when email is not configured; every answer is then `off`. */
  readonly mailer?: Mailer;
  readonly clock: Clock;
  /** Address of the admin page, to which every email links. */
  readonly adminUrl?: string;
}

/** Adds to the notifier of runs the messages that belong to no backup run. */
export interface EmailNotifier extends Notifier {
  /** Reports that a backup could not start. May be repeated. */
  notifyNotStarted(event: NotStarted, signal?: AbortSignal): Promise<NotifyResult>;
  /** Reports that a stored recovery point is damaged. May be repeated. */
  notifyDamaged(alert: DamageAlert, signal?: AbortSignal): Promise<NotifyResult>;
}

/** Reports to the owner by email. A failure to send is returned as `failed`, not thrown. */
export function createEmailNotifier({ mailer, clock, adminUrl }: EmailNotifierOptions): EmailNotifier {
  async function send(write: () => Email, signal?: AbortSignal): Promise<NotifyResult> {
    if (!mailer) return { status: "off" };
    return await mailer.send(write(), signal);
  }
  return {
    notify: (summary, signal) => send(() => recoveryPointEmail(summary, adminUrl), signal),
    notifyOverdue: (alert, signal) => send(() => overdueEmail(alert, clock.now(), adminUrl), signal),
    notifyNotStarted: (event, signal) => send(() => notStartedEmail(event, adminUrl), signal),
    notifyDamaged: (alert, signal) => send(() => damageEmail(alert, adminUrl), signal),
  };
}
