import * as z from "zod";
import { backupHistoryRow, runKind, runTrigger } from "./run.ts";

// What the SQL functions of runs and dumps are given and answer, as JSON.

/** What a run is asked to be: `lifeboat.start_run`, `lifeboat.begin_media`. */
export const runRequest = z.object({
  kind: runKind,
  project: z.string(),
  trigger: runTrigger,
  /** The admin who asked, as `auth.users.id`. */
  triggeredBy: z.string().optional(),
  label: z.string().optional(),
  pinned: z.boolean().optional(),
  /** Joins an existing recovery point (media of a dump); a new one is opened when absent. */
  recoveryPoint: z.string().optional(),
});

export type RunRequest = Readonly<z.infer<typeof runRequest>>;

/** The run and its epoch, or why there is none: the id of the run at work, or the point that is not known. */
export const leaseAnswer = z.union([
  z.object({ run: backupHistoryRow, epoch: z.string(), lostSteps: z.number().int().default(0) }),
  z.object({ running: z.guid() }),
  z.object({ unknownPoint: z.string() }),
  /** For media: the run of another point, which takes this one next. */
  z.object({ queued: z.guid() }),
]);

/**
 * How a run ended: `lifeboat.settle_run`, and `outcome` of a media point. A run that threw is `failed`, or `cancelled` when
 * `run_cancelled` was thrown; one that answers `failed` did its work and found something wrong (verify, drill), and its
 * details are kept.
 */
export const runOutcome = z.object({
  status: z.enum(["success", "partial", "failed"]),
  s3Key: z.string().optional(),
  manifestKey: z.string().optional(),
  bytes: z.number().optional(),
  rawBytes: z.number().optional(),
  tables: z.number().optional(),
  rows: z.number().optional(),
  files: z.number().optional(),
  skipped: z.number().optional(),
  /** `sha256:<hex>` */
  checksum: z.string().optional(),
  /** For `partial` and `failed`: what is missing or wrong, in a sentence. */
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  errorHint: z.string().optional(),
  details: z.record(z.string(), z.unknown()),
}).readonly();
export type RunOutcome = z.infer<typeof runOutcome>;

/** A session that holds a dump's snapshot: `lifeboat.begin_dump`, `lifeboat.claim_dump_step`. */
export const dumpHolder = z.object({
  /** Identifies the process. */
  worker: z.guid(),
  pid: z.number().int(),
  backendStart: z.string(),
  snapshotId: z.string(),
});
export type DumpHolder = z.infer<typeof dumpHolder>;

/** Answer of `lifeboat.claim_dump_step`: the step, or why it is not the caller's. */
export const dumpStepAnswer = z.union([
  z.object({
    run: backupHistoryRow,
    epoch: z.string(),
    step: z.number().int(),
    /** Steps of this run whose worker the platform ended. */
    lostSteps: z.number().int(),
    /** An upload that an invocation began and did not live to tell of. */
    upload: z.string().nullable(),
  }),
  z.object({ taken: z.literal(true) }),
  z.object({ lost: z.literal(true) }),
]);

/** Answer of `lifeboat.watch_dump`. */
export const watchedDump = z.object({
  running: z.boolean(),
  epoch: z.string().nullable(),
  attempts: z.number(),
  givenBack: z.boolean(),
  /** Time since the last heartbeat; null when nobody has the lease. */
  silentMs: z.number().nullable(),
  writerHolds: z.boolean(),
  relieved: z.boolean(),
  snapshot: z.string().nullable(),
});
export type WatchedDump = z.infer<typeof watchedDump>;
