import { createResendMailer } from "../adapters/notify/resend_mailer.ts";
import type { NotificationConfiguration } from "../config/mod.ts";
import { systemClock } from "../engine/clock.ts";
import { createEmailNotifier } from "../engine/notify/email_notifier.ts";
import type { Ping } from "../engine/notify/ping.ts";
import { createPointNotifier, type PointNotifier } from "../engine/notify/point_notifier.ts";

/** Builds what writes the reports of runs: emails, and pings of an outside monitor. */
export function composeReports(configuration: NotificationConfiguration, ping: Ping | undefined): PointNotifier {
  const { project, email, adminUrl } = configuration;
  return createPointNotifier({
    clock: systemClock,
    project,
    emails: createEmailNotifier({
      clock: systemClock,
      ...adminUrl && { adminUrl },
      ...email && {
        mailer: createResendMailer({
          apiKey: email.apiKey.reveal(),
          from: email.from,
          to: email.to,
          clock: systemClock,
          ...email.baseUrl && { baseUrl: email.baseUrl },
        }),
      },
    }),
    ...ping && { ping },
  });
}
