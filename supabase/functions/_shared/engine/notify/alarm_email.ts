import type { LifeboatError } from "../errors.ts";
import type { OverdueAlert } from "../run/notifier.ts";
import { formatDuration, formatPointForPeople } from "./figures.ts";
import { writeEmail } from "./letter.ts";
import type { Email } from "./mailer.ts";

/** A backup that could not start, so that the history has no row about it. */
export interface NotStarted {
  readonly project: string;
  /**
   * When the backup should have started, by the schedule: `2026-11-21T02-17-00Z`. At most one email is sent for each.
   */
  readonly slot: string;
  readonly error: LifeboatError;
}

/** The alarm that a scheduled backup could not start. */
export function notStartedEmail({ project, slot, error }: NotStarted, adminUrl?: string): Email {
  return writeEmail({
    subject: `Backup FAILED to start: ${project}, ${formatPointForPeople(slot)}`,
    tone: "bad",
    opening:
      "The backup could not start, and the history has no entry for it. Earlier recovery points are as good as they were.",
    sections: [{
      title: "What went wrong",
      paragraphs: [error.message, `What to do: ${error.hint}`, `Code: ${error.code}`],
    }],
    ...link(adminUrl),
    idempotencyKey: `lifeboat/${project}/${slot}/not-started`,
  });
}

/** The alarm that no recovery point is new enough. `now` decides the age that is shown; one email is sent a UTC day. */
export function overdueEmail(alert: OverdueAlert, now: Date, adminUrl?: string): Email {
  const { newest, since, targetHours } = alert;
  const project = alert.project ?? "no project";
  return writeEmail({
    subject: `Backup OVERDUE: ${project}, ${newest ? `last one ${formatPointForPeople(newest)}` : "there is none"}`,
    tone: "bad",
    opening: newest
      ? "No backup has succeeded for longer than is allowed. What was written since the last one would be lost in a disaster."
      : "No backup has succeeded yet. In a disaster everything would be lost.",
    sections: [{
      title: "Age",
      figures: [
        ["Newest recovery point", newest ? formatPointForPeople(newest) : "none"],
        [newest ? "Its age" : "Installed for", formatDuration(Math.max(0, now.getTime() - Date.parse(since)))],
        ["Allowed", formatDuration(targetHours * 3_600_000)],
      ],
    }, {
      title: "What to do",
      items: [
        "Start a backup on the admin page and look at what it reports.",
        "See whether the schedule still runs: select * from cron.job_run_details order by start_time desc limit 10.",
        "See whether the functions are deployed and their log is free of errors.",
      ],
    }],
    ...link(adminUrl),
    idempotencyKey: `lifeboat/${project}/overdue/${now.toISOString().slice(0, 10)}`,
  });
}

function link(adminUrl: string | undefined): { link?: { label: string; url: string } } {
  return adminUrl ? { link: { label: "Open the backup history", url: adminUrl } } : {};
}
