import { Cron } from "croner";
import type { CronReader } from "../../engine/admin/admin_dependencies.ts";

/**
 * Reads cron expressions as pg_cron does: in GMT, and with day of month or day of week. The next time is unknown for
 * expressions that croner does not understand, such as pg_cron's `30 seconds`.
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
