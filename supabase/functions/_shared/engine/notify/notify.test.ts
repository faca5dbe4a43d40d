import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { BackupHistoryRow } from "../../contract/mod.ts";
import { LifeboatError } from "../errors.ts";
import type { PointSummary } from "../run/notifier.ts";
import { notStartedEmail, overdueEmail } from "./alarm_email.ts";
import { createEmailNotifier } from "./email_notifier.ts";
import { formatCount, formatDuration, formatPointForPeople, formatSize } from "./figures.ts";
import type { Email } from "./mailer.ts";
import { pointOutcome, recoveryPointEmail } from "./recovery_point_email.ts";

const RECOVERY_POINT = "2026-11-21T02-17-00Z";

const database: BackupHistoryRow = {
  id: "0b7e4f2c-8a51-4d0e-9c8f-2f6a1f0f6b11",
  kind: "database",
  status: "success",
  trigger: "cron",
  triggered_by: null,
  label: null,
  pinned: false,
  project: "collabhunts",
  recovery_point: RECOVERY_POINT,
  started_at: "2026-11-21T02:17:00Z",
  finished_at: "2026-11-21T02:17:42Z",
  duration_ms: 42_000,
  s3_key: `backups/collabhunts-backup-${RECOVERY_POINT}.json.gz`,
  manifest_key: `backups/collabhunts-backup-${RECOVERY_POINT}.manifest.json`,
  bytes: 3_500_000,
  raw_bytes: 25_000_000,
  tables: 61,
  rows: 50_123,
  files: null,
  skipped: null,
  checksum: "sha256:00ff",
  error_code: null,
  error_message: null,
  error_hint: null,
  progress: null,
  details: { tables: [], ledger: [], warnings: [] },
  email_status: "pending",
  email_error: null,
};

const media: BackupHistoryRow = {
  ...database,
  id: "1c7e4f2c-8a51-4d0e-9c8f-2f6a1f0f6b11",
  kind: "media",
  s3_key: `backups/collabhunts-backup-${RECOVERY_POINT}.media.json.gz`,
  manifest_key: null,
  tables: null,
  rows: null,
  files: 43,
  skipped: 0,
  bytes: 1_048_576,
  raw_bytes: 9_000_000,
  details: {
    buckets: [
      { bucket: "profile-images", files: 36, bytes: 8_000_000, copied: 4, unchanged: 32, skipped: 0 },
      { bucket: "portfolio-media", files: 7, bytes: 1_000_000, copied: 1, unchanged: 6, skipped: 0 },
    ],
    skipped: [],
    skewed: [],
    r2: { items: 12, bytes: 5_368_709_120, sources: [], reconcile: { status: "not_configured" } },
    ledger: [],
    warnings: [],
  },
};

const point: PointSummary = { project: "collabhunts", recoveryPoint: RECOVERY_POINT, database, media, unsettled: [] };
const failed = {
  status: "failed",
  error_code: "bucket_missing",
  error_message: "The bucket example-backups does not exist.",
  error_hint: "Create it, or correct AWS_S3_BUCKET.",
} as const;
const ADMIN_URL = "https://admin.example.com/backup-history?a=1&b=2";

Deno.test("the email of a complete point has the figures of database and media", () => {
  const { subject, text, html, idempotencyKey } = recoveryPointEmail(point, ADMIN_URL);
  strictEqual(subject, "Backup complete: collabhunts, 2026-11-21 02:17 UTC");
  strictEqual(idempotencyKey, `lifeboat/collabhunts/${RECOVERY_POINT}/success`);
  for (
    const line of [
      /^Tables: +61$/m,
      /^Rows: +50,123$/m,
      /^Stored: +3\.34 MiB$/m,
      /^Before compression: +23\.8 MiB$/m,
      /^Duration: +42 s$/m,
      /^S3 key: +backups\/collabhunts-backup-2026-11-21T02-17-00Z\.json\.gz$/m,
      /^Files: +43$/m,
      /^Copied now: +5$/m,
      /^Stored before: +38$/m,
      /^Files in R2 \(listed, not copied\): +12$/m,
      /^Size in R2: +5\.00 GiB$/m,
      /^Open the backup history: https:\/\/admin\.example\.com\/backup-history\?a=1&b=2$/m,
    ]
  ) match(text, line);
  match(html, /href="https:\/\/admin\.example\.com\/backup-history\?a=1&amp;b=2"/);
  match(html, />50,123</);
  doesNotMatch(text, /null|undefined|NaN|went wrong|skipped \(/i);
});

Deno.test("without an admin page there is no link", () => {
  doesNotMatch(recoveryPointEmail(point).html, /<a /);
});

for (
  const [what, changes, outcome, subject] of [
    ["database and media are complete", {}, "success", /^Backup complete/],
    ["the database is incomplete", { database: { ...database, status: "partial" } }, "partial", /^Backup incomplete/],
    ["files are missing", { media: { ...media, status: "partial" } }, "partial", /^Backup incomplete/],
    ["the database failed", { database: { ...database, ...failed }, media: null }, "failure", /^Backup FAILED/],
    ["the files failed", { media: { ...media, ...failed } }, "failure", /^Backup FAILED/],
    [
      "the files failed after a partial dump",
      {
        database: { ...database, status: "partial" },
        media: { ...media, ...failed },
      },
      "failure",
      /^Backup FAILED/,
    ],
    ["an admin cancelled", { media: { ...media, status: "cancelled" } }, "cancelled", /^Backup cancelled/],
    [
      "the files are still at work",
      {
        media: { ...media, status: "running" },
        unsettled: [{ half: "media", reason: "The files were still being copied after 6 hours." }],
      },
      "unsettled",
      /^Backup not finished/,
    ],
    ["the files never began", { media: null }, "unsettled", /^Backup not finished/],
    ["files were backed up alone", { database: null }, "success", /^Backup complete/],
    ["the history is gone", { database: null, media: null }, "unknown", /^Backup without history/],
  ] as [string, Partial<PointSummary>, string, RegExp][]
) {
  Deno.test(`${what}: ${outcome}`, () => {
    const summary = { ...point, ...changes };
    strictEqual(pointOutcome(summary), outcome);
    const written = recoveryPointEmail(summary);
    match(written.subject, subject);
    strictEqual(written.idempotencyKey, `lifeboat/collabhunts/${RECOVERY_POINT}/${outcome}`);
    for (const { reason } of summary.unsettled) match(written.text, new RegExp(reason));
    doesNotMatch(written.text + written.html, /null|undefined|NaN/);
  });
}

Deno.test("a failure says what went wrong and what to do, in words", () => {
  const { text, html } = recoveryPointEmail({ ...point, database: { ...database, ...failed }, media: null });
  for (const body of [text, html]) {
    match(body, /The bucket example-backups does not exist\./);
    match(body, /What to do: Create it, or correct AWS_S3_BUCKET\./);
    match(body, /Code: bucket_missing/);
    match(body, /No backup of the files has begun/);
  }
});

Deno.test("what is missing, skipped and warned about is listed, the first twenty of each", () => {
  const skipped = Array.from({ length: 30 }, (_, index) => ({
    bucket: "career-cvs",
    path: `cv-${index}.pdf`,
    code: "object_missing",
    reason: "It vanished before it was read.",
  }));
  const { text } = recoveryPointEmail({
    ...point,
    database: {
      ...database,
      status: "partial",
      details: {
        ledger: [
          { kind: "table", identity: "private.tokens", reason: "It may not be read.", severity: "missing" },
          { kind: "schema", identity: "vault", reason: "By design.", severity: "expected" },
        ],
        warnings: ["The monitor did not answer."],
      },
    },
    media: { ...media, status: "partial", skipped: 2_000, details: { ...media.details, skipped } },
  });
  match(text, /DATABASE: MISSING \(1\)\n- table private\.tokens: It may not be read\./);
  doesNotMatch(text, /vault/);
  match(text, /FILES: SKIPPED \(2,000\)\n- career-cvs\/cv-0\.pdf: It vanished before it was read\./);
  match(text, /cv-19\.pdf/);
  doesNotMatch(text, /cv-20\.pdf/);
  match(text, /… and 1,980 more/);
  match(text, /The monitor did not answer\./);
});

Deno.test("figures that a driver gave as text are told as numbers", () => {
  const asText = { ...database, rows: "9007199254740993", bytes: "1024" } as unknown as BackupHistoryRow;
  match(recoveryPointEmail({ ...point, database: asText }).text, /^Stored: +1\.00 KiB$/m);
});

Deno.test("names and errors cannot bring markup, headers or turned-around text into an email", () => {
  const hostile = '</td><script>alert("1")</script>\r\nBcc: all@example.com \u202egpj.exe\0 \ud800';
  const { subject, html, text } = recoveryPointEmail({
    ...point,
    project: hostile,
    media: {
      ...media,
      ...failed,
      error_message: hostile,
      details: { skipped: [{ bucket: hostile, path: hostile, reason: hostile }] },
    },
  });
  doesNotMatch(subject, /[\r\n\0\u202e]/);
  doesNotMatch(html, /<script|<\/td><script/);
  doesNotMatch(html + text, /[\0\u202e]|\r/);
  doesNotMatch(text, /^Bcc:/m);
  ok((html + text).isWellFormed());
});

Deno.test("an email stays below the size at which mail programs cut it off", () => {
  const long = "ä".repeat(5_000);
  const skipped = Array(1_000).fill({ bucket: long, path: long, reason: long });
  const ledger = Array(1_000).fill({ kind: long, identity: long, reason: long, severity: "missing" });
  const details = { skipped, ledger, warnings: Array(1_000).fill(long) };
  const rows = { ...failed, error_message: long, details };
  const { html, subject } = recoveryPointEmail({
    ...point,
    project: long,
    database: { ...database, ...rows },
    media: { ...media, ...rows },
  });
  ok(new TextEncoder().encode(html).length < 102_000, String(html.length));
  ok(subject.length <= 200);
});

Deno.test("the same summary gives the same email, whatever the details hold", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("skipped", "ledger", "warnings", "r2", "buckets"), fc.jsonValue()),
      (details) => {
        const summary = { ...point, media: { ...media, details } };
        deepStrictEqual(recoveryPointEmail(summary), recoveryPointEmail(summary));
      },
    ),
  );
});

Deno.test("a backup that could not start is told once for each slot of the schedule", () => {
  const error = new LifeboatError({
    code: "database_unreachable",
    kind: "transient",
    message: "The database does not answer.",
    hint: "Look at the project's state.",
  });
  const { subject, text, idempotencyKey } = notStartedEmail(
    { project: "collabhunts", slot: RECOVERY_POINT, error },
    ADMIN_URL,
  );
  strictEqual(subject, "Backup FAILED to start: collabhunts, 2026-11-21 02:17 UTC");
  strictEqual(idempotencyKey, `lifeboat/collabhunts/${RECOVERY_POINT}/not-started`);
  match(text, /The database does not answer\.\nWhat to do: Look at the project's state\.\nCode: database_unreachable/);
});

Deno.test("an overdue backup is told once a day, with its age", () => {
  const alert = { project: "collabhunts", newest: RECOVERY_POINT, since: "2026-11-21T02:17:00Z", targetHours: 26 };
  const { subject, text, idempotencyKey } = overdueEmail(alert, new Date("2026-11-22T20:17:00Z"));
  strictEqual(subject, "Backup OVERDUE: collabhunts, last one 2026-11-21 02:17 UTC");
  strictEqual(idempotencyKey, "lifeboat/collabhunts/overdue/2026-11-22");
  match(text, /Its age: +42 h 0 min/);
  match(text, /Allowed: +26 h 0 min/);
  const none = overdueEmail({ ...alert, project: null, newest: null }, new Date("2026-11-22T20:17:00Z"));
  match(none.subject, /there is none/);
  match(none.text, /Installed for: +42 h/);
});

Deno.test("the notifier writes what the mailer sends, and is off without one", async () => {
  const clock = { now: () => new Date("2026-11-22T20:17:00Z"), sleep: () => Promise.resolve() };
  const sent: Email[] = [];
  const mailer = {
    send(email: Email) {
      sent.push(email);
      return Promise.resolve(
        sent.length > 1 ? { status: "failed", error: "Sample." } as const : { status: "sent", id: "1" } as const,
      );
    },
  };
  const notifier = createEmailNotifier({ mailer, clock });
  const alert = { project: "collabhunts", newest: null, since: "2026-11-21T02:17:00Z", targetHours: 26 };
  deepStrictEqual(await notifier.notify(point), { status: "sent", id: "1" });
  deepStrictEqual(await notifier.notifyOverdue(alert), { status: "failed", error: "Sample." });
  deepStrictEqual(sent.map(({ idempotencyKey }) => idempotencyKey.split("/").at(-1)), ["success", "2026-11-22"]);
  deepStrictEqual(await createEmailNotifier({ clock }).notify(point), { status: "off" });
});

Deno.test("sizes, durations and counts are told as people say them", () => {
  const sizes = [0, 1023, 1024, 1_047_552, 1_048_576, 45_193_625, 1.1e12, 3e18].map(formatSize);
  deepStrictEqual(sizes, ["0 B", "1023 B", "1.00 KiB", "1023 KiB", "1.00 MiB", "43.1 MiB", "1.00 TiB", "2665 PiB"]);
  const durations = [0, 432, 9_949, 9_950, 59_499, 59_500, 185_000, 3_599_499, 7_200_000, 151_200_000].map(
    formatDuration,
  );
  deepStrictEqual(durations, [
    "0.0 s",
    "0.4 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 0 s",
    "3 min 5 s",
    "59 min 59 s",
    "2 h 0 min",
    "42 h 0 min",
  ]);
  deepStrictEqual([0, 999, 1_000, 50_123, 1_234_567].map(formatCount), ["0", "999", "1,000", "50,123", "1,234,567"]);
  strictEqual(formatPointForPeople("something else"), "something else");
});
