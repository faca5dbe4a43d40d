import { type Finding, ok, warning } from "./finding.ts";

export interface NotificationSettings {
  /** Resend's key; without it no email is sent. */
  readonly emailKey?: string;
  readonly hasPing: boolean;
}

/** Checks whether anybody would learn of a failed backup. Nothing is sent. */
export function checkNotifications({ emailKey, hasPing }: NotificationSettings): Finding[] {
  return [
    emailKey === undefined
      ? warning(
        "notify.email",
        "No email is sent.",
        "Set RESEND_API_KEY, BACKUP_EMAIL_FROM and BACKUP_EMAIL_TO.",
      )
      : /^re_[A-Za-z0-9_]+$/.test(emailKey)
      ? ok("notify.email", "Emails are set up.")
      : warning("notify.email", "RESEND_API_KEY does not look like one of Resend's keys.", "They begin with re_."),
    hasPing ? ok("notify.ping", "An outside monitor gets a ping for each backup.") : warning(
      "notify.ping",
      "No outside monitor notices when nothing runs any more.",
      "Set BACKUP_PING_URL to a check of healthchecks.io or alike.",
    ),
  ];
}
