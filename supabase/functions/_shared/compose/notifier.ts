import { createHttpPing } from "../adapters/notify/http_ping.ts";
import type { NotificationConfiguration } from "../config/mod.ts";
import type { Ping } from "../engine/notify/ping.ts";
import type { PointNotifier } from "../engine/notify/point_notifier.ts";

/** Builds the ping of an outside monitor, where one is configured. */
export function composePing({ pingUrl }: Pick<NotificationConfiguration, "pingUrl">): Ping | undefined {
  return pingUrl && createHttpPing(pingUrl.reveal());
}

/**
 * Builds what reports to the owner. It needs little of the configuration, so that mistakes elsewhere in it can still be reported.
 * Most invocations end without a report, so what writes one is loaded with the first.
 */
export function composeNotifier(configuration: NotificationConfiguration): PointNotifier {
  let loading: Promise<PointNotifier> | undefined;
  const reports = () =>
    loading ??= import("./reports.ts").then(({ composeReports }) =>
      composeReports(configuration, composePing(configuration))
    );
  return {
    notify: async (...given) => await (await reports()).notify(...given),
    notifyOverdue: async (...given) => await (await reports()).notifyOverdue(...given),
    notifyDamaged: async (...given) => await (await reports()).notifyDamaged(...given),
    notifyNotStarted: async (...given) => await (await reports()).notifyNotStarted(...given),
  };
}
