import { createHttpPing } from "../adapters/notify/http_ping.ts";
import { createResendMailer } from "../adapters/notify/resend_mailer.ts";
import type { NotificationConfiguration } from "../config/mod.ts";
import { createPointNotifier, type PointNotifier } from "../engine/notify/point_notifier.ts";
import { systemClock } from "../engine/clock.ts";
import { createEmailNotifier } from "../engine/notify/email_notifier.ts";
import type { Ping } from "../engine/notify/ping.ts";

/** Builds the ping of an outside monitor, where one is configured. */
export function composePing({ pingUrl }: Pick<NotificationConfiguration, "pingUrl">): Ping | undefined {
  return pingUrl && createHttpPing(pingUrl.reveal());
}

/** Needs little of the configuration, so that mistakes elsewhere in it can still be reported. */
export function composeNotifier(configuration: NotificationConfiguration): PointNotifier {
  const { project, email, adminUrl } = configuration;
  const ping = composePing(configuration);
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
