import type { DamageAlert } from "../../contract/point_answers.ts";
import { formatCount, formatPointForPeople } from "./figures.ts";
import { writeEmail } from "./letter.ts";
import type { Email } from "./mailer.ts";

// The database answers it as JSON.
export type { DamageAlert };

/** Greatest number of damaged things that the email names; the admin page shows all. */
const MOST_LISTED = 20;

/** The alarm about a damaged recovery point. One email is sent for each verify run that finds a point damaged. */
export function damageEmail(alert: DamageAlert, adminUrl?: string): Email {
  const { project, recoveryPoint, checkRun, damage, lastVerified } = alert;
  const rest = damage.length - MOST_LISTED;
  return writeEmail({
    subject: `Backup DAMAGED: ${project}, ${formatPointForPeople(recoveryPoint)}`,
    tone: "bad",
    opening: "A verify read this recovery point back and found that what lies in the bucket is not what was stored. " +
      "Do not rely on it.",
    sections: [{
      title: `Damaged (${formatCount(damage.length)})`,
      items: [
        ...damage.slice(0, MOST_LISTED).map(({ key, what, reason }) => `${what} in ${key}: ${reason}`),
        ...(rest > 0 ? [`… and ${formatCount(rest)} more, all of them in the details of the verify run`] : []),
      ],
    }, {
      title: "What to do",
      figures: [["Newest verified recovery point", lastVerified ? formatPointForPeople(lastVerified) : "none"]],
      items: [
        "Start a backup now, and verify it.",
        "Find out who or what changed the bucket: its access log, its lifecycle rules, other users of its keys.",
        "Where the bucket keeps versions, the older versions of the damaged keys may be whole.",
      ],
    }],
    ...(adminUrl && { link: { label: "Open the backup history", url: adminUrl } }),
    idempotencyKey: `lifeboat/${project}/${recoveryPoint}/damaged/${checkRun ?? "unknown"}`,
  });
}
