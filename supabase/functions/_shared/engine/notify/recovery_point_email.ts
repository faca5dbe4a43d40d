import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { PointSummary } from "../run/notifier.ts";
import { formatCount, formatDuration, formatPointForPeople, formatSize } from "./figures.ts";
import { type EmailSection, type EmailTone, writeEmail } from "./letter.ts";
import type { Email } from "./mailer.ts";

/**
 * How a recovery point ended. `unsettled` means that the run of database or media has not ended in the time allowed,
 * `unknown` that the history of both is gone.
 */
export type PointOutcome = "success" | "partial" | "failure" | "cancelled" | "unsettled" | "unknown";

/** The outcome of a recovery point, which is the worse of the outcomes of its database run and its media run. */
export function pointOutcome({ database, media, unsettled }: PointSummary): PointOutcome {
  if (!database && !media) return "unknown";
  const statuses = [database?.status, media?.status];
  if (statuses.includes("failed") || statuses.includes("damaged")) return "failure";
  if (statuses.includes("cancelled")) return "cancelled";
  if (statuses.includes("running") || unsettled.length > 0 || !media) return "unsettled";
  return statuses.includes("partial") ? "partial" : "success";
}

interface Wording {
  readonly subject: string;
  readonly tone: EmailTone;
  readonly opening: string;
}

const WORDINGS: Readonly<Record<PointOutcome, Wording>> = {
  success: {
    subject: "Backup complete",
    tone: "good",
    opening: "The database and the files are stored, and what was stored has been checked.",
  },
  partial: {
    subject: "Backup incomplete",
    tone: "warning",
    opening:
      "A backup is stored and usable, but something that belongs to it is missing. What is missing is listed below.",
  },
  failure: {
    subject: "Backup FAILED",
    tone: "bad",
    opening:
      "This backup is not complete. Nothing that was stored before is harmed: earlier recovery points are as good as they were.",
  },
  cancelled: {
    subject: "Backup cancelled",
    tone: "warning",
    opening: "An admin cancelled this backup. Earlier recovery points are as good as they were.",
  },
  unsettled: {
    subject: "Backup not finished",
    tone: "warning",
    opening: "Not all of this backup has ended in the time allowed. What has not is named below.",
  },
  unknown: {
    subject: "Backup without history",
    tone: "bad",
    opening:
      "A backup ended, but its entries in the history are gone, so that nothing can be said about it. Look at the bucket, and at who deleted them.",
  },
};

/**
 * The email about a recovery point. The same summary gives the same email, and each outcome of a point has its own
 * idempotency key, so that each is sent once. Rows are as `to_jsonb(backup_history)` gives them.
 */
export function recoveryPointEmail(point: PointSummary, adminUrl?: string): Email {
  const outcome = pointOutcome(point);
  const { subject, tone, opening } = WORDINGS[outcome];
  const { database, media, unsettled } = point;
  return writeEmail({
    subject: `${subject}: ${point.project}, ${formatPointForPeople(point.recoveryPoint)}`,
    tone,
    opening,
    sections: [
      ...(unsettled.length > 0 ? [{ title: "Not finished", items: unsettled.map(({ reason }) => reason) }] : []),
      ...(database ? [databaseSection(database), ...problemSections(database, "Database")] : []),
      ...(media ? [mediaSection(media), ...problemSections(media, "Files")] : []),
      ...(database && !media
        ? [{ title: "Files", paragraphs: ["No backup of the files has begun for this recovery point."] }]
        : []),
    ],
    ...(adminUrl && { link: { label: "Open the backup history", url: adminUrl } }),
    idempotencyKey: `lifeboat/${point.project}/${point.recoveryPoint}/${outcome}`,
  });
}

const STATUS_WORDS: Readonly<Record<BackupHistoryRow["status"], string>> = {
  running: "still running",
  success: "complete",
  partial: "incomplete",
  failed: "failed",
  cancelled: "cancelled",
  damaged: "stored, but found damaged",
};

type Figure = readonly [label: string, value: string];

function figure(label: string, value: unknown, format: (value: number) => string): Figure[] {
  // int8 columns are text when a driver, and not PostgREST, has read the row.
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? [[label, format(number)]] : [];
}

function text(label: string, value: string | null): Figure[] {
  return value === null ? [] : [[label, value]];
}

function databaseSection(row: BackupHistoryRow): EmailSection {
  return {
    title: "Database",
    figures: [
      ["Status", STATUS_WORDS[row.status]],
      ...figure("Tables", row.tables, formatCount),
      ...figure("Rows", row.rows, formatCount),
      ...figure("Stored", row.bytes, formatSize),
      ...figure("Before compression", row.raw_bytes, formatSize),
      ...figure("Duration", row.duration_ms, formatDuration),
      ...text("S3 key", row.s3_key),
      ...text("Manifest", row.manifest_key),
      ...text("Checksum", row.checksum),
    ],
  };
}

function mediaSection(row: BackupHistoryRow): EmailSection {
  const buckets = entries(row, "buckets");
  const r2 = row.details?.r2 as { items?: unknown; bytes?: unknown } | null | undefined;
  return {
    title: "Files",
    figures: [
      ["Status", STATUS_WORDS[row.status]],
      ...figure("Files", row.files, formatCount),
      ...(buckets.length
        ? [
          ...figure("Copied now", sum(buckets, "copied"), formatCount),
          ...figure("Stored before", sum(buckets, "unchanged"), formatCount),
        ]
        : []),
      ...figure("Skipped", row.skipped, formatCount),
      ...figure("Size of all files", row.raw_bytes, formatSize),
      ...figure("Stored now", row.bytes, formatSize),
      ...figure("Duration", row.duration_ms, formatDuration),
      ...text("S3 key", row.s3_key),
      ...figure("Files in R2 (listed, not copied)", r2?.items, formatCount),
      ...figure("Size in R2", r2?.bytes, formatSize),
    ],
  };
}

/** Greatest number of entries that a list shows; the admin page and the manifest have all. */
const MOST_LISTED = 20;

/** Sections about what went wrong in a run: its error, missing and skipped things, and warnings. */
function problemSections(row: BackupHistoryRow, what: string): EmailSection[] {
  const missing = entries(row, "ledger").filter(({ severity }) => severity === "missing");
  const skipped = entries(row, "skipped");
  const warnings = row.details?.warnings;
  // A dump lists what it skipped as missing; only media runs have a list of skipped files.
  const skippedCount = row.kind === "media" ? Math.max(skipped.length, Number(row.skipped ?? 0)) : 0;
  return [
    ...(row.error_code
      ? [{
        title: `${what}: what went wrong`,
        paragraphs: [row.error_message, row.error_hint && `What to do: ${row.error_hint}`, `Code: ${row.error_code}`]
          .filter((paragraph) => typeof paragraph === "string"),
      }]
      : []),
    ...listSection(
      `${what}: missing`,
      missing.map(({ kind, identity, reason }) => `${kind} ${identity}: ${reason}`),
      missing.length,
    ),
    ...listSection(
      `${what}: skipped`,
      skipped.map(({ bucket, path, reason }) => `${bucket}/${path}: ${reason}`),
      skippedCount,
    ),
    ...(Array.isArray(warnings) ? listSection(`${what}: warnings`, warnings.map(String), warnings.length) : []),
  ];
}

function listSection(title: string, items: readonly string[], count: number): EmailSection[] {
  if (count === 0) return [];
  const rest = count - Math.min(items.length, MOST_LISTED);
  return [{
    title: `${title} (${formatCount(count)})`,
    items: [
      ...items.slice(0, MOST_LISTED),
      ...(rest > 0 ? [`… and ${formatCount(rest)} more, all of them in the manifest`] : []),
    ],
  }];
}

/** A list in `details`, empty when the run ended before it was written. */
function entries(row: BackupHistoryRow, name: string): Record<string, unknown>[] {
  const list = row.details?.[name];
  return Array.isArray(list) ? list.filter((entry) => typeof entry === "object" && entry !== null) : [];
}

function sum(items: readonly Record<string, unknown>[], name: string): number {
  return items.reduce((total, item) => total + Number(item[name] ?? 0), 0);
}
