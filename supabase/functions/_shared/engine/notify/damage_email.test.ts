import { match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type DamageAlert, damageEmail } from "./damage_email.ts";

const alert: DamageAlert = {
  project: "sample",
  recoveryPoint: "2026-11-21T02-17-00Z",
  checkRun: "7e57ab1e-0000-4000-8000-000000000001",
  damage: Array.from({ length: 25 }, (_, index) => ({
    key: "backups/sample-backup-2026-11-21T02-17-00Z.json.gz",
    what: `member ${index} of table <b>bookings</b>`,
    reason: "its bytes are not those that were written (SHA-256)",
  })),
  lastVerified: "2026-11-14T02-17-00Z",
};

Deno.test("the email about damage names what is damaged, and the last point that is not", () => {
  const email = damageEmail(alert, "https://admin.example.com/backup-history");
  strictEqual(email.subject, "Backup DAMAGED: sample, 2026-11-21 02:17 UTC");
  match(email.text, /member 19 of table/);
  ok(!email.text.includes("member 20 of table"));
  match(email.text, /… and 5 more/);
  match(email.text, /Newest verified recovery point: +2026-11-14 02:17 UTC/);
  match(email.text, /https:\/\/admin\.example\.com\/backup-history/);
  ok(!email.html.includes("<b>bookings"));
});

Deno.test("one verify run sends one email about damage, another run another", () => {
  strictEqual(damageEmail(alert).idempotencyKey, damageEmail(alert).idempotencyKey);
  notStrictEqual(damageEmail(alert).idempotencyKey, damageEmail({ ...alert, checkRun: null }).idempotencyKey);
  match(damageEmail({ ...alert, lastVerified: null }).text, /Newest verified recovery point: +none/);
});
