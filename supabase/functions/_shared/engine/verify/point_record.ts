import type { BackupHistoryRow } from "../../contract/mod.ts";
import { type PointCheck, type PointRecord, pointRecord } from "../../contract/point_answers.ts";
import type { Session } from "../database.ts";
import { readAnswer } from "../sql_answer.ts";
import { storableJson } from "../run/safe_text.ts";
import type { ManifestObject } from "../format/media_manifest.ts";

// The database answers and is given them as JSON.
export type { HistoryError, PointCheck, PointRecord } from "../../contract/point_answers.ts";

/** Whether the history says of a run that what it backed up lies in the bucket, whole or damaged since. */
export function isStored(row: Pick<BackupHistoryRow, "status"> | null): boolean {
  return row !== null && ["success", "partial", "damaged"].includes(row.status);
}

/** Reads what is known of a point. Throws `database_answer_invalid` and as the database does. May be repeated. */
export async function readPointRecord(
  session: Session,
  project: string,
  recoveryPoint: string,
  signal: AbortSignal,
): Promise<PointRecord> {
  const [{ record }] = await session.query<{ record: unknown }>(
    "select lifeboat.point_record($1, $2) as record",
    [project, recoveryPoint],
    signal,
  );
  return readAnswer(pointRecord, record, "point_record");
}

/**
 * Writes down what a check found: rows of runs with damage turn `damaged` in the history, rows without become what they
 * were, and an email is owed when a point that was whole is not any more. One statement; may be repeated.
 */
export async function recordCheck(
  session: Session,
  run: { readonly id: string; readonly project: string; readonly recoveryPoint: string },
  check: PointCheck,
  signal: AbortSignal,
): Promise<void> {
  await session.query(
    "select lifeboat.record_check($1, $2, $3, $4)",
    [run.id, run.project, run.recoveryPoint, storableJson(check)],
    signal,
  );
}

/**
 * Forgets that damaged copies are stored, so that the next media run stores these files anew instead of linking a new
 * recovery point to them. Copies that took their keys since are not meant.
 */
export async function forgetCopies(
  session: Session,
  damaged: readonly Pick<ManifestObject, "s3Key" | "s3ETag">[],
  signal: AbortSignal,
): Promise<void> {
  if (damaged.length === 0) return;
  await session.query(
    "select lifeboat.forget_copies($1, $2)",
    [damaged.map(({ s3Key }) => s3Key), damaged.map(({ s3ETag }) => s3ETag)],
    signal,
  );
}
