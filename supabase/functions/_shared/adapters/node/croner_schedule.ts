import { Cron } from "croner";
import type { CronReader } from "../../engine/admin/admin_dependencies.ts";

/**
 * Cron's expressions as pg_cron reads them: in GMT, day of month or day of week. What croner does not understand
 * (pg_cron also takes `30 seconds`) has no next time that could be told.
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
