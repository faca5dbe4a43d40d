import * as z from "zod";
import { runStatus, runTrigger } from "./run.ts";

/** Body of `POST database-backup`. An empty body means all defaults. */
export const databaseBackupRequest = z.strictObject({
  trigger: runTrigger.optional(),
  /** Shown in the history, for example "before migration". */
  label: z.string().trim().min(1).max(200).optional(),
  pinned: z.boolean().optional(),
  /** Delays the answer until the run has settled, for 100 s at most; after that the answer is 202. */
  wait: z.boolean().optional(),
});
export type DatabaseBackupRequest = z.infer<typeof databaseBackupRequest>;

/**
 * Body of `POST database-backup` from an invocation whose dump another is to continue. Only the service may send it.
 */
export const databaseBackupBody = databaseBackupRequest.extend({
  continue: z.strictObject({
    runId: z.uuid(),
    /** Epoch of the run's lease. When two successors are started, the second one finds a newer epoch and ends. */
    epoch: z.string().regex(/^\d{1,19}$/),
    /** Name of the snapshot that the sender has exported. */
    snapshotId: z.string().regex(/^[0-9A-Fa-f-]{1,60}$/),
  }).optional(),
});
export type DatabaseBackupBody = z.infer<typeof databaseBackupBody>;

/** Body of `POST backup-media`. Only the service may set `point`, which `database-backup` does. */
export const mediaBackupRequest = databaseBackupRequest.extend({
  point: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/).optional(),
});
export type MediaBackupRequest = z.infer<typeof mediaBackupRequest>;

/** Body of `POST backup-media` from an invocation that starts another worker. Only the service may send it. */
export const mediaBackupBody = mediaBackupRequest.extend({
  join: z.strictObject({ runId: z.uuid(), worker: z.uuid() }).optional(),
});
export type MediaBackupBody = z.infer<typeof mediaBackupBody>;

/**
 * Answer of both backup functions: with status 202 while the run works, with 200 when the caller waited for its end.
 */
export const runAccepted = z.object({
  runId: z.uuid(),
  recoveryPoint: z.string(),
  status: runStatus,
  errorCode: z.string().nullable().optional(),
  errorMessage: z.string().nullable().optional(),
});
export type RunAccepted = z.infer<typeof runAccepted>;

/** Body of every error answer. `runId` comes with `already_running` and names the run that works. */
export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  runId: z.uuid().optional(),
});
export type ErrorBody = z.infer<typeof errorBody>;
