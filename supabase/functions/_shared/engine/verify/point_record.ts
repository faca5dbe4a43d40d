import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { storableJson } from "../run/safe_text.ts";
import type { Damage, Half } from "./damage.ts";
import type { ManifestObject } from "../format/media_manifest.ts";

/** What the project knows of a recovery point before it is checked. */
export interface PointRecord {
  readonly database: BackupHistoryRow | null;
  readonly media: BackupHistoryRow | null;
  /** What was found damaged and not found whole since. */
  readonly damage: readonly Damage[];
}

export async function readPointRecord(
  session: Session,
  project: string,
  recoveryPoint: string,
  signal: AbortSignal,
): Promise<PointRecord> {
  const [{ record }] = await session.query<{ record: PointRecord }>(
    "select lifeboat.point_record($1, $2) as record",
    [project, recoveryPoint],
    signal,
  );
  return record;
}

/** The error that the history shows for a half of a damaged point. */
export interface HalfError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What one check says of a recovery point. */
export interface PointCheck {
  readonly deep: boolean;
  /** False when of a half that is stored nothing could be looked at: that proves nothing. */
  readonly looked: boolean;
  readonly coverage: Readonly<Record<string, number>>;
  /** All that is known to be damaged now. */
  readonly damage: readonly Damage[];
  readonly halves: Readonly<Partial<Record<Half, HalfError>>>;
}

/**
 * Writes down what a check found: damaged halves turn `damaged` in the history, those without damage become what they
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
  damaged: readonly ManifestObject[],
  signal: AbortSignal,
): Promise<void> {
  if (damaged.length === 0) return;
  await session.query(
    "select lifeboat.forget_copies($1, $2)",
    [damaged.map(({ s3Key }) => s3Key), damaged.map(({ s3ETag }) => s3ETag)],
    signal,
  );
}
