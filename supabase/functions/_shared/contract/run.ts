import * as z from "zod";

/** The kinds of runs. */
export const runKind = z.enum(["database", "media", "verify", "drill", "restore"]);
export type RunKind = z.infer<typeof runKind>;

/**
 * How a run has ended, or that it works. `success` needs proof. `partial` means that everything is stored except for
 * what the ledger names as missing, `damaged` that stored bytes were later found wrong.
 */
export const runStatus = z.enum(["running", "success", "partial", "failed", "cancelled", "damaged"]);
export type RunStatus = z.infer<typeof runStatus>;

export const runTrigger = z.enum(["cron", "manual", "api"]);
export type RunTrigger = z.infer<typeof runTrigger>;

/** How far a run has come, written about every two seconds. Sizes are in bytes. */
export const runProgress = z.object({
  phase: z.string(),
  tablesDone: z.number().optional(),
  tablesTotal: z.number().optional(),
  currentTable: z.string().optional(),
  rowsDone: z.number().optional(),
  rowsEstimated: z.number().optional(),
  filesDone: z.number().optional(),
  filesTotal: z.number().optional(),
  bytesDone: z.number().optional(),
  bytesTotal: z.number().optional(),
});
export type RunProgress = z.infer<typeof runProgress>;

/**
 * An entry of the ledger, which names what a recovery point does not hold. Severity `missing` means that the owner
 * expects it there, and makes the run `partial`; `expected` means that it was left out by design or by a setting.
 */
export const ledgerEntry = z.object({
  kind: z.string(),
  identity: z.string(),
  reason: z.string(),
  severity: z.enum(["expected", "missing"]),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** A row of `public.backup_history` as PostgREST gives it to the page. int8 columns are JSON numbers there. */
export const backupHistoryRow = z.object({
  /** A guid: PostgreSQL takes any uuid that somebody made up, whatever RFC 9562 says of its version. */
  id: z.guid(),
  kind: runKind,
  status: runStatus,
  trigger: runTrigger,
  triggered_by: z.guid().nullable(),
  label: z.string().nullable(),
  pinned: z.boolean(),
  project: z.string(),
  /** Identifies the recovery point everywhere: `2026-11-21T02-17-00Z`. */
  recovery_point: z.string(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  /** Key of the dump (kind `database`) or of the media manifest (kind `media`). */
  s3_key: z.string().nullable(),
  manifest_key: z.string().nullable(),
  /** Bytes stored in S3 by this run. */
  bytes: z.number().nullable(),
  /** Bytes before compression (kind `database`) or bytes of all files of the point (kind `media`). */
  raw_bytes: z.number().nullable(),
  tables: z.number().nullable(),
  rows: z.number().nullable(),
  files: z.number().nullable(),
  skipped: z.number().nullable(),
  /** `sha256:<hex>` of the object at `s3_key`. */
  checksum: z.string().nullable(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  error_hint: z.string().nullable(),
  progress: runProgress.nullable(),
  /** Tables, buckets, skipped files, ledger, warnings: shapes in `run_details.ts`. */
  details: z.record(z.string(), z.unknown()).nullable(),
  /** `pending`, `sent`, `failed` or `off`; set on the row that the point's email belongs to. */
  email_status: z.string().nullable(),
  email_error: z.string().nullable(),
});
export type BackupHistoryRow = z.infer<typeof backupHistoryRow>;
