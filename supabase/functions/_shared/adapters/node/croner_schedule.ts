import { Cron } from "croner";
import type { CronReader } from "../../engine/admin/admin_dependencies.ts";

/**
 * Reads cron expressions as pg_cron does: in GMT, day of month or day of week. For what croner does not understand
 * (pg_cron also takes `30 seconds`) no next time is known.
 */
export const cronerSchedule: CronReader = {
  next(schedule, after) {
    try {
      return new Cron(schedule, { timezone: "UTC", paused: true }).nextRun(after);
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  },
};
