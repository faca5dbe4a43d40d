import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import type { UploadedPart } from "../store/object_store.ts";
import type { ClaimedItem, CopiedItem, OpenUpload, StoredCopy } from "./copy/claimed_item.ts";
import {
  archivedStatement,
  beginStatement,
  claimStatement,
  finishStatement,
  holdStatement,
  linkStatement,
  notePartStatement,
  noteUploadStatement,
  releaseStatement,
  renewStatement,
  takeOverStatement,
} from "./queue_statements.ts";

/** How one object ended. */
export type Finished =
  | { readonly item: ClaimedItem; readonly copy: CopiedItem }
  | { readonly item: ClaimedItem; readonly skipped: { readonly code: string; readonly reason: string } };

export interface QueueFigures {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/**
 * The queue of one point's objects in `lifeboat.media_items`, as one of its invocations sees it. Each method is one short
 * statement: nothing is locked while bytes move. Claims end by themselves when their invocation does not renew them, and
 * what is not claimed by us any more is not ours to change.
 */
export interface MediaQueue {
  /** Marks as linked what lies in S3 in the listed version already; once a point. Returns how many. */
  link(): Promise<number>;
  /** Takes over what is claimed. Only for who knows that nobody else is at work: the one that began or revived the run. */
  takeOver(): Promise<void>;
  /** Takes up to `objects`, in order, and no more than about `bytes`. One that invocations die of comes alone. */
  claim(objects: number, bytes: number): Promise<ClaimedItem[]>;
  /** Notes that one that is suspected of ending invocations is being copied now. Throws `claim_lost`. */
  begin(item: ClaimedItem): Promise<void>;
  /** Keeps one claim. Throws `claim_lost`. */
  hold(item: ClaimedItem): Promise<void>;
  /** Keeps our claims. */
  renew(): Promise<void>;
  /** Checkpoint of many at once: stored, or not in this point and why. What is not claimed by us any more is left out. */
  finish(finished: readonly Finished[]): Promise<QueueFigures>;
  /** Checkpoint: the copy at the object's current key lies at its archive key too. Throws `claim_lost`. */
  archived(item: ClaimedItem): Promise<void>;
  /** Notes the upload that was opened for an object, before its first part. Throws `claim_lost`. */
  noteUpload(item: ClaimedItem, key: string, upload: Omit<OpenUpload, "parts">): Promise<void>;
  /** Checkpoint: one more part lies in S3. Throws `claim_lost`. */
  notePart(item: ClaimedItem, part: UploadedPart, sha256State: string): Promise<void>;
  /** Forgets an upload that was given back. Throws `claim_lost`. */
  forgetUpload(item: ClaimedItem): Promise<void>;
  /** Gives claimed objects back, so that others need not wait. */
  release(items: readonly ClaimedItem[]): Promise<void>;
}

/** How long a claim holds without being renewed. */
export const claimMs = 60_000;

export function createMediaQueue(
  session: Session,
  point: string,
  invocation: string,
  signal?: AbortSignal,
  holdMs: number = claimMs,
): MediaQueue {
  const ask = <Row>(text: string, ...params: readonly unknown[]) =>
    session.query<Row>(text, [point, invocation, ...params], signal);

  async function change(item: ClaimedItem, text: string, ...params: readonly unknown[]): Promise<void> {
    const rows = await ask(text, item.position, ...params);
    if (rows.length !== 1) throw claimLost(item);
  }

  return {
    async link() {
      const [row] = await session.query<{ count: string }>(linkStatement, [point], signal);
      return Number(row.count);
    },
    takeOver: async () => void await ask(takeOverStatement),
    claim: async (objects, bytes) => (await ask<ClaimRow>(claimStatement, objects, bytes, holdMs)).map(claimedItem),
    begin: (item) => change(item, beginStatement),
    hold: (item) => change(item, holdStatement, holdMs),
    renew: async () => void await ask(renewStatement, holdMs),
    async finish(finished) {
      const rows = await ask<Record<keyof FigureRow, string>>(
        finishStatement,
        JSON.stringify(finished.map(finishedRow)),
      );
      return figures(rows[0]);
    },
    archived: (item) => change(item, archivedStatement),
    noteUpload: (item, key, { uploadId, ...state }) =>
      change(item, noteUploadStatement, key, uploadId, JSON.stringify(state), holdMs),
    notePart: (item, { number, etag, sizeBytes }, sha256State) =>
      change(item, notePartStatement, number, etag, sizeBytes, sha256State, holdMs),
    forgetUpload: (item) => change(item, noteUploadStatement, null, null, null, holdMs),
    release: async (items) => {
      if (items.length > 0) await ask(releaseStatement, items.map((item) => item.position));
    },
  };
}

function finishedRow(finished: Finished) {
  const { position } = finished.item;
  if ("skipped" in finished) {
    return { position, skip_code: finished.skipped.code, skip_reason: finished.skipped.reason };
  }
  const { stored, skew, warning } = finished.copy;
  return {
    position,
    s3_key: stored.s3Key,
    s3_etag: stored.s3ETag,
    s3_version_id: stored.s3VersionId,
    archive_key: stored.archiveKey,
    version: stored.version,
    etag: stored.etag,
    bytes: stored.sizeBytes,
    mime_type: stored.mimeType,
    md5: stored.md5,
    sha256: stored.sha256,
    skew: skew ?? null,
    warning: warning ?? null,
  };
}

interface FigureRow {
  files_done: string;
  files_total: string;
  bytes_done: string;
  bytes_total: string;
}

function figures(row: FigureRow): QueueFigures {
  return {
    filesDone: Number(row.files_done),
    filesTotal: Number(row.files_total),
    bytesDone: Number(row.bytes_done),
    bytesTotal: Number(row.bytes_total),
  };
}

interface ClaimRow {
  position: number;
  bucket_id: string;
  name: string;
  version: string | null;
  etag: string | null;
  size_bytes: string | null;
  mime_type: string | null;
  cache_control: string | null;
  user_metadata: unknown;
  attempts: number;
  current: StoredCopy | null;
  upload: OpenUpload | null;
}

function claimedItem(row: ClaimRow): ClaimedItem {
  return {
    position: row.position,
    bucket: row.bucket_id,
    path: row.name,
    version: row.version,
    etag: row.etag,
    sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes),
    mimeType: row.mime_type,
    cacheControl: row.cache_control,
    userMetadata: row.user_metadata,
    attempts: row.attempts,
    current: row.current,
    upload: row.upload,
  };
}

function claimLost(item: ClaimedItem): LifeboatError {
  return new LifeboatError({
    code: "claim_lost",
    kind: "conflict",
    message: "Another invocation has taken this object over.",
    hint: "Nothing to do: the other one copies it.",
    operation: "media.checkpoint",
    subject: `${item.bucket}/${item.path}`,
  });
}
