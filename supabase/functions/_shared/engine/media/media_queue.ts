import { claimedItem, type FinishedItem, type QueueFigures, queueFigures } from "../../contract/media_state.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { readAnswer } from "../sql_answer.ts";
import type { UploadedPart } from "../store/object_store.ts";
import type { ClaimedItem, CopiedItem, OpenUpload } from "./copy/claimed_item.ts";

/** How one object ended. */
export type Finished =
  | { readonly item: ClaimedItem; readonly copy: CopiedItem }
  | { readonly item: ClaimedItem; readonly skipped: { readonly code: string; readonly reason: string } };

export type { QueueFigures };

/**
 * The queue of one point's objects in `lifeboat.media_items`, as one of its invocations sees it. Each method is one short
 * function of supabase/sql/media_queue: nothing is locked while bytes move. Claims end by themselves when their invocation does not renew them, and
 * what is not claimed by us any more is not ours to change.
 */
export interface MediaQueue {
  /** Marks as linked what lies in S3 in the listed version already; once a point. Returns how many. */
  link(): Promise<number>;
  /** Takes all claims over. Only for the invocation that began or revived the run, when no other is at work. */
  takeOver(): Promise<void>;
  /** Claims up to `objects` objects in order, of about `bytes` at most. An object that invocations died with is claimed alone. */
  claim(objects: number, bytes: number): Promise<ClaimedItem[]>;
  /** Notes that an object with which invocations died is being copied now. Throws `claim_lost`. */
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
export const CLAIM_MS = 60_000;

export function createMediaQueue(
  session: Session,
  point: string,
  invocation: string,
  signal?: AbortSignal,
  holdMs: number = CLAIM_MS,
): MediaQueue {
  const ask = async <Answer>(call: string, ...params: readonly unknown[]): Promise<Answer[]> => {
    const rows = await session.query<{ answer: Answer }>(
      `select ${call} as answer`,
      [point, ...params],
      signal,
    );
    return rows.map(({ answer }) => answer);
  };

  async function change(item: ClaimedItem, call: string, ...params: readonly unknown[]): Promise<void> {
    const [held] = await ask<boolean>(call, invocation, item.position, ...params);
    if (!held) throw claimLost(item);
  }

  return {
    link: async () => Number((await ask<string>("lifeboat.link_media_items($1)"))[0]),
    takeOver: async () => void await ask("lifeboat.take_over_media_items($1, $2)", invocation),
    async claim(objects, bytes) {
      const items = await ask("lifeboat.claim_media_items($1, $2, $3, $4, $5)", invocation, objects, bytes, holdMs);
      return items.map((item) => readAnswer(claimedItem, item, "claim_media_items"));
    },
    begin: (item) => change(item, "lifeboat.begin_media_item($1, $2, $3)"),
    hold: (item) => change(item, "lifeboat.hold_media_item($1, $2, $3, $4)", holdMs),
    renew: async () => void await ask("lifeboat.renew_media_claims($1, $2, $3)", invocation, holdMs),
    async finish(finished) {
      const rows = JSON.stringify(finished.map(finishedRow));
      const [figures] = await ask("lifeboat.finish_media_items($1, $2, $3)", invocation, rows);
      return readAnswer(queueFigures, figures, "finish_media_items");
    },
    archived: (item) => change(item, "lifeboat.note_archived_copy($1, $2, $3)"),
    noteUpload: (item, key, { uploadId, ...state }) =>
      change(
        item,
        "lifeboat.note_media_upload($1, $2, $3, $4, $5, $6, $7)",
        uploadId,
        key,
        JSON.stringify(state),
        holdMs,
      ),
    notePart: (item, { number, etag, sizeBytes }, sha256State) =>
      change(
        item,
        "lifeboat.note_media_part($1, $2, $3, $4, $5, $6, $7, $8)",
        number,
        etag,
        sizeBytes,
        sha256State,
        holdMs,
      ),
    forgetUpload: (item) => change(item, "lifeboat.note_media_upload($1, $2, $3, null, null, null, $4)", holdMs),
    release: async (items) => {
      if (items.length === 0) return;
      await ask("lifeboat.release_media_items($1, $2, $3)", invocation, items.map((item) => item.position));
    },
  };
}

function finishedRow(finished: Finished): FinishedItem {
  const { position } = finished.item;
  if ("skipped" in finished) {
    return { position, skipCode: finished.skipped.code, skipReason: finished.skipped.reason };
  }
  const { stored, skew = null, warning = null } = finished.copy;
  return { position, ...stored, skew, warning };
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
