import * as z from "zod";
import { verifyDetails } from "./admin.ts";
import { backupHistoryRow } from "./run.ts";

// What the SQL functions of recovery points, alerts and checks are given and answer, as JSON.

/** What a message about one recovery point tells. Both rows are null only if the history was deleted meanwhile. */
export const pointSummary = z.object({
  project: z.string(),
  /** `2026-11-21T02-17-00Z` */
  recoveryPoint: z.string(),
  database: backupHistoryRow.nullable(),
  /** Null when there is none: the dump failed, or the run could not be started (then `unsettled` says so). */
  media: backupHistoryRow.nullable(),
  /** Which backup of the point had not ended when it was settled, and why, in a plain sentence. Usually empty. */
  unsettled: z.array(z.object({ half: z.literal("media"), reason: z.string() })).readonly(),
}).readonly();
export type PointSummary = Readonly<z.infer<typeof pointSummary>>;

/** The newest good dump is older than its target. */
export const overdueAlert = z.object({
  project: z.string().nullable(),
  /** The newest recovery point with a good dump; null when there never was one. */
  newest: z.string().nullable(),
  /** When that dump began, or when Lifeboat was installed. ISO 8601. */
  since: z.string(),
  targetHours: z.number(),
});
export type OverdueAlert = Readonly<z.infer<typeof overdueAlert>>;

/**
 * One thing that is not as it was stored. Codes: `object_missing`, `size_differs`, `etag_differs`, `checksum_differs`,
 * `undecodable`, `count_differs`, `digest_differs`, `manifest_damaged`, `manifest_foreign`.
 */
export const damage = verifyDetails.shape.damage.element.extend({
  /** Which run of a point made what is damaged, and so whose row in the history says so. */
  half: z.enum(["database", "media"]),
});
export type Damage = Readonly<z.infer<typeof damage>>;

/** A recovery point whose stored bytes were found wrong. */
export const damageAlert = z.object({
  project: z.string(),
  /** `2026-11-21T02-17-00Z` */
  recoveryPoint: z.string(),
  /** The verify run that found the damage; null when the history was deleted meanwhile. */
  checkRun: z.string().nullable(),
  damage: z.array(damage.pick({ key: true, what: true, reason: true })).readonly(),
  /** The newest recovery point that was verified and in which no damage was found since. */
  lastVerified: z.string().nullable(),
});
export type DamageAlert = Readonly<z.infer<typeof damageAlert>>;

/** The right to send an alert, with which its outcome is recorded. */
const claim = { claim: z.guid() };
export const claimedOverdueAlert = overdueAlert.extend(claim);
export const claimedDamageAlert = damageAlert.extend(claim);

/** What the project knows of a recovery point before it is checked. */
export const pointRecord = z.object({
  database: backupHistoryRow.nullable(),
  media: backupHistoryRow.nullable(),
  /** What was found damaged and not found whole since. */
  damage: z.array(damage).readonly(),
}).readonly();
export type PointRecord = Readonly<z.infer<typeof pointRecord>>;

/** The error that the history shows in the row of the database or media run of a damaged point. */
export const historyError = z.object({ code: z.string(), message: z.string(), hint: z.string() }).readonly();
export type HistoryError = Readonly<z.infer<typeof historyError>>;

/** What one check says of a recovery point: `lifeboat.record_check`. */
export const pointCheck = z.object({
  deep: z.boolean(),
  /** False when nothing could be looked at of a dump or of files that are stored: such a check proves nothing. */
  looked: z.boolean(),
  coverage: z.record(z.string(), z.number()).readonly(),
  /** All that is known to be damaged now. */
  damage: z.array(damage).readonly(),
  /** The errors of what is damaged, by the kind of the run that stored it. */
  halves: z.object({ database: historyError.optional(), media: historyError.optional() }).readonly(),
}).readonly();
export type PointCheck = Readonly<z.infer<typeof pointCheck>>;
