import * as z from "zod";
import { damage } from "./point_answers.ts";
import { backupHistoryRow } from "./run.ts";

/** Where a verify stands between two invocations, and what it was asked for. Kept in `lifeboat.verify_steps`. */
export const verifyPosition = z.object({
  coverage: z.enum(["deep", "sample"]),
  samplePercent: z.number().optional(),
  /** Decides in which order members are read: the same in every invocation. */
  seed: z.number().int(),
  /** What comes next: the bookkeeping of stored files, the dump, the files, or nothing. */
  phase: z.enum(["copies", "dump", "files", "done"]),
  /** Null before the dump was looked at, and when its manifest cannot be followed. */
  dump: z.object({
    /** SHA-256 of the manifest that members are counted in. */
    manifest: z.string(),
    /** ETag of the object that members were read from; null while there was none. */
    object: z.string().nullable(),
    /** Place in the order of members. */
    next: z.number().int(),
    membersChecked: z.number().int(),
    membersTotal: z.number().int(),
    bytesChecked: z.number().int(),
    bytesTotal: z.number().int(),
    tablesChecked: z.number().int(),
    rowsChecked: z.number().int(),
    /** Tables of which some members were read: name, members, rows, digest so far. */
    partly: z.array(z.tuple([z.string(), z.number().int(), z.number().int(), z.string()])),
    /** Whether anything in the dump was found damaged. */
    damaged: z.boolean(),
  }).nullable(),
  files: z.object({
    /** ETag of the media manifest that files are counted in; null where there is none. */
    manifest: z.string().nullable(),
    /** Files of the manifest that were passed. */
    next: z.number().int(),
    passedBytes: z.number().int(),
    /** Key of the last file that was passed. */
    lastKey: z.string(),
    filesChecked: z.number().int(),
    filesRead: z.number().int(),
    filesTotal: z.number().int(),
    bytesRead: z.number().int(),
    bytesTotal: z.number().int(),
    /** False when files are stored and none could be looked at. */
    looked: z.boolean(),
  }).nullable(),
});
export type VerifyPosition = z.infer<typeof verifyPosition>;
export type DumpCheckPosition = NonNullable<VerifyPosition["dump"]>;
export type FilesPosition = NonNullable<VerifyPosition["files"]>;

/** What one step of a verify found. */
export const verifyFound = z.object({
  damage: z.array(damage),
  /** Names of things that were damaged before and were looked at again, completely. */
  rechecked: z.array(z.string()),
  /** Copies that must not count as stored any more. */
  damagedCopies: z.array(z.object({ s3Key: z.string(), s3ETag: z.string() })),
  warnings: z.array(z.string()),
});
export type VerifyFound = z.infer<typeof verifyFound>;

/** Answer of `lifeboat.claim_verify_step`: the step, or that it is not the caller's. */
export const verifyStepAnswer = z.union([
  z.object({
    run: backupHistoryRow,
    epoch: z.string(),
    step: z.number().int(),
    attempts: z.number().int(),
    position: verifyPosition,
    /** Steps of this run whose worker the platform ended. */
    lostSteps: z.number().int(),
  }),
  z.object({ taken: z.literal(true) }),
]);

/** Answer of `lifeboat.watch_verify`. */
export const watchedVerify = z.object({
  running: z.boolean(),
  epoch: z.string().nullable(),
  silentMs: z.number().nullable(),
});
