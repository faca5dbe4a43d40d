import * as z from "zod";
import { ledgerEntry } from "./run.ts";
import { mediaDetails } from "./run_details.ts";

// What the SQL functions of the media queue and of media points are given and answer, as JSON.

const text = z.string().nullable();

/** A copy in S3, as `lifeboat.media_objects` knows it. */
export const storedCopy = z.object({
  version: text,
  etag: text,
  sizeBytes: z.number(),
  mimeType: text,
  s3Key: z.string(),
  s3ETag: z.string(),
  s3VersionId: text,
  archiveKey: z.string(),
  archived: z.boolean(),
  /** Null for what was sent in parts: each part has its own. */
  md5: text,
  sha256: z.string(),
}).readonly();
export type StoredCopy = z.infer<typeof storedCopy>;

export const uploadedPart = z.object({ number: z.number().int(), etag: z.string(), sizeBytes: z.number() }).readonly();

/** What a copy will be, decided by the first answer of Storage. Plain JSON: an upload in parts is carried on with it. */
export const copyPlan = z.object({
  key: z.string(),
  archiveKey: z.string(),
  options: z.object({
    contentType: z.string(),
    cacheControl: z.string().optional(),
    contentDisposition: z.string().optional(),
    metadata: z.record(z.string(), z.string()).readonly().optional(),
    ifNoneMatch: z.boolean().optional(),
    ifMatch: z.string().optional(),
    md5: z.string().optional(),
  }).readonly(),
  warning: text,
  mimeType: text,
  /** Of the version that the bytes belong to; the version is null if that could not be told. */
  version: text,
  etag: text,
  /** It is the listed version, and Storage says of it what it listed. */
  isListedVersion: z.boolean(),
  isAsListed: z.boolean(),
  served: z.object({ etag: text, sizeBytes: z.number().nullable() }).readonly(),
  /** Asked for past every cache: what came is the object. */
  pastCache: z.boolean(),
}).readonly();
export type CopyPlan = z.infer<typeof copyPlan>;

/** A multipart upload that any invocation can go on with. Without id and parts it is `upload_state` of the item. */
export const openUpload = z.object({
  uploadId: z.string(),
  partBytes: z.number(),
  plan: copyPlan,
  parts: z.array(uploadedPart).readonly(),
  /** State of the SHA-256 over the bytes of `parts`, in Base64. */
  sha256State: z.string(),
}).readonly();
export type OpenUpload = z.infer<typeof openUpload>;

/** One object that an invocation has claimed, as it was listed: `lifeboat.claim_media_items`. */
export const claimedItem = z.object({
  position: z.number().int(),
  bucket: z.string(),
  path: z.string(),
  version: text,
  etag: text,
  sizeBytes: z.number().nullable(),
  mimeType: text,
  cacheControl: text,
  userMetadata: z.unknown(),
  /** Invocations that ended while it was in their batch, two at most, and from then on while they copied it. */
  attempts: z.number().int(),
  /** What lies at its current key, when Lifeboat put it there. */
  current: storedCopy.nullable(),
  /** Parts that another invocation has sent. */
  upload: openUpload.nullable(),
}).readonly();
export type ClaimedItem = z.infer<typeof claimedItem>;

/** Answer of `lifeboat.finish_media_items`. */
export const queueFigures = z.object({
  filesDone: z.number(),
  filesTotal: z.number(),
  bytesDone: z.number(),
  bytesTotal: z.number(),
}).readonly();
export type QueueFigures = z.infer<typeof queueFigures>;

/** How what was stored differs from what was listed. */
export const skew = z.object({
  reason: z.string(),
  listed: z.object({ version: text, etag: text, size: z.number().nullable() }),
  served: z.object({ version: text, etag: text, size: z.number() }),
}).readonly();
export type Skew = z.infer<typeof skew>;

/** How one object ended, for `lifeboat.finish_media_items`. */
export const finishedItem = z.union([
  z.object({ position: z.number().int(), skipCode: z.string(), skipReason: z.string() }),
  z.object({
    ...storedCopy.unwrap().omit({ archived: true }).shape,
    position: z.number().int(),
    skew: skew.nullable(),
    warning: text,
  }),
]);
export type FinishedItem = z.infer<typeof finishedItem>;

/** What is remembered of a point's R2 inventory: `lifeboat.note_media_r2`. */
export const r2Result = z.object({
  key: z.string(),
  /** `sha256:<hex>` */
  checksum: z.string(),
  items: z.number(),
  /** Sum of the sizes that are known; null when none is. */
  bytes: z.number().nullable(),
  sources: z.array(
    z.object({
      table: z.string(),
      /** `read`, `absent` (no such table or column; no error), `unreadable` (the point is partial). */
      status: z.enum(["read", "absent", "unreadable"]),
      items: z.number(),
      reason: z.string().optional(),
      columns: z.object({
        path: text,
        url: text,
        size: text,
        /** The primary key, or the column that was named. */
        rowKey: z.array(z.string()).readonly(),
      }).readonly().optional(),
    }).readonly(),
  ).readonly(),
  /** A listing that fails leaves the inventory whole, so it is a warning of the run and does not make it partial. */
  reconcile: mediaDetails.shape.r2.unwrap().shape.reconcile,
  /** Sources that exist and could not be read. */
  ledger: z.array(ledgerEntry).readonly(),
}).readonly();
export type R2Result = z.infer<typeof r2Result>;

/** What an invocation leaves to the next one of a media manifest: `lifeboat.checkpoint_media_manifest`. */
export const mediaManifestState = z.object({
  uploadId: text,
  parts: z.array(uploadedPart).readonly(),
  /** Which list, and the position in it from which lines are missing. */
  list: z.number().int(),
  from: z.number(),
  bytes: z.number(),
  sha256State: z.string(),
  gzip: z.object({ crc32State: z.string(), rawBytes: z.number() }).readonly(),
}).readonly();
export type MediaManifestState = z.infer<typeof mediaManifestState>;
