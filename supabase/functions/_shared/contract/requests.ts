import * as z from "zod";
import { runStatus, runTrigger } from "./run.ts";

/** Body of `POST database-backup`. An empty body means all defaults. */
export const databaseBackupRequest = z.strictObject({
  trigger: runTrigger.optional(),
  /** Shown in the history, for example "before migration". */
  label: z.string().trim().min(1).max(200).optional(),
  pinned: z.boolean().optional(),
  /** Asks for an answer only when the run has settled; after 100 s the answer is 202 all the same. */
  wait: z.boolean().optional(),
});
export type DatabaseBackupRequest = z.infer<typeof databaseBackupRequest>;

/** Body of `POST database-backup` from an invocation that hands its dump on. Accepted from the service only. */
export const databaseBackupBody = databaseBackupRequest.extend({
  continue: z.strictObject({
    runId: z.uuid(),
    /** Epoch of the run's lease: of two successors the second finds a newer one and ends. */
    epoch: z.string().regex(/^\d{1,19}$/),
    /** Name of an exported snapshot. */
    snapshotId: z.string().regex(/^[0-9A-Fa-f-]{1,60}$/),
  }).optional(),
});
export type DatabaseBackupBody = z.infer<typeof databaseBackupBody>;

/** Body of `POST backup-media`. Only the service may set `point`, which `database-backup` does. */
export const mediaBackupRequest = databaseBackupRequest.extend({
  point: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/).optional(),
});
export type MediaBackupRequest = z.infer<typeof mediaBackupRequest>;

/** Body of `POST backup-media` from an invocation that starts another worker. Accepted from the service only. */
export const mediaBackupBody = mediaBackupRequest.extend({
  join: z.strictObject({ runId: z.uuid(), worker: z.uuid() }).optional(),
});
export type MediaBackupBody = z.infer<typeof mediaBackupBody>;

/** Answer of both backup functions: 202 while the run works, 200 when the caller waited for its end. */
export const runAccepted = z.object({
  runId: z.uuid(),
  recoveryPoint: z.string(),
  status: runStatus,
  errorCode: z.string().nullable().optional(),
  errorMessage: z.string().nullable().optional(),
});
export type RunAccepted = z.infer<typeof runAccepted>;

/** Body of every error answer. `runId` is given with `already_running`. */
export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  runId: z.uuid().optional(),
});
export type ErrorBody = z.infer<typeof errorBody>;
