import * as z from "zod";
import { runAccepted } from "./requests.ts";
import { ledgerEntry, runTrigger } from "./run.ts";

const runId = z.uuid();

/** Body of `POST backup-admin`: one action. Only admins and the service may send it. */
export const adminRequest = z.discriminatedUnion("action", [
  /** Begins a verify run of the recovery point that `runId` belongs to; answered with `runAccepted`, 202. */
  z.strictObject({
    action: z.literal("verify"),
    runId,
    /** `deep` reads every byte, `sample` reads some of the members and files. */
    coverage: z.enum(["deep", "sample"]).optional(),
    samplePercent: z.number().min(1).max(100).optional(),
    trigger: runTrigger.optional(),
    wait: z.boolean().optional(),
  }),
  /** Lets another invocation go on with a verify. Only the service may send it; answered with `runAccepted`. */
  z.strictObject({ action: z.literal("continueVerify"), runId, epoch: z.string().regex(/^\d{1,19}$/) }),
  /** Asks a running run to stop; answered with `cancelAnswer`. */
  z.strictObject({ action: z.literal("cancel"), runId }),
  /** Makes a link to a stored file that is valid for five minutes; answered with `downloadAnswer`. It is audited. */
  z.strictObject({
    action: z.literal("download"),
    runId,
    file: z.enum(["dump", "manifest", "mediaManifest", "r2Inventory", "recoveryGuide"]),
  }),
  /** Sets label and pin; answered with `updateAnswer`. It is audited. */
  z.strictObject({
    action: z.literal("update"),
    runId,
    label: z.string().trim().max(200).nullable().optional(),
    pinned: z.boolean().optional(),
  }),
  /** Reads the figures of the overview; answered with `overviewAnswer`. */
  z.strictObject({ action: z.literal("overview") }),
]);
export type AdminRequest = z.infer<typeof adminRequest>;

export const verifyAnswer = runAccepted;

export const cancelAnswer = z.object({ runId, requested: z.boolean() });

export const downloadAnswer = z.object({
  url: z.url(),
  fileName: z.string(),
  sizeBytes: z.number(),
  contentType: z.string(),
  expiresAt: z.string(),
});
export type DownloadAnswer = z.infer<typeof downloadAnswer>;

export const updateAnswer = z.object({ runId, label: z.string().nullable(), pinned: z.boolean() });

export const overviewAnswer = z.object({
  totalBackups: z.number(),
  /**
   * Share of successes among the ended database and media runs of the last 30 days, 0 to 1; null when none has ended.
   */
  successRate30Days: z.number().nullable(),
  storedBytes: z.number(),
  newestPoint: z.object({ recoveryPoint: z.string(), startedAt: z.string(), status: z.string() }).nullable(),
  newestVerifiedPoint: z.object({ recoveryPoint: z.string(), verifiedAt: z.string() }).nullable(),
  /** Greatest age in hours at which the newest recovery point is not overdue (setting `overdue_hours`). */
  targetHours: z.number(),
  /** When cron starts the next backup; null when it is not scheduled. */
  nextRunAt: z.string().nullable(),
  schedule: z.string().nullable(),
  lastDrill: z.object({ finishedAt: z.string(), durationMs: z.number(), status: z.string() }).nullable(),
});
export type OverviewAnswer = z.infer<typeof overviewAnswer>;

/** `details` of a verify run. */
export const verifyDetails = z.object({
  verifiedRecoveryPoint: z.string(),
  coverage: z.object({
    membersChecked: z.number(),
    membersTotal: z.number(),
    bytesChecked: z.number(),
    bytesTotal: z.number(),
    filesChecked: z.number(),
    filesRead: z.number(),
    filesTotal: z.number(),
  }),
  tablesChecked: z.number(),
  rowsChecked: z.number(),
  /** Every damaged thing; empty when the recovery point is whole. */
  damage: z.array(z.object({ code: z.string(), key: z.string(), what: z.string(), reason: z.string() })),
  ledger: z.array(ledgerEntry),
  warnings: z.array(z.string()),
});
export type VerifyDetails = z.infer<typeof verifyDetails>;

/** `details` of a drill. */
export const drillDetails = z.object({
  drilledRecoveryPoint: z.string(),
  /** Measured recovery time in milliseconds. */
  restoreMs: z.number(),
  bytesPerSecond: z.number(),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), equal: z.boolean() })),
  queries: z.array(z.object({ query: z.string(), passed: z.boolean(), reason: z.string().nullable() })),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), reason: z.string().nullable() })),
  warnings: z.array(z.string()),
});
export type DrillDetails = z.infer<typeof drillDetails>;
