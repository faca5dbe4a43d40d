import { runOutcome } from "../../contract/run_answers.ts";
import type { Session } from "../database.ts";
import { readAnswer } from "../sql_answer.ts";
import type { RunOutcome } from "../run/run.ts";
import type { R2Result } from "./r2_inventory.ts";

/** What a closed point's run answered; undefined while the point has no manifest. */
export async function readOutcome(
  session: Session,
  point: string,
  signal?: AbortSignal,
): Promise<RunOutcome | undefined> {
  const [row] = await session.query<{ outcome: unknown }>(
    "select outcome from lifeboat.media_points where recovery_point = $1",
    [point],
    signal,
  );
  return row ? readAnswer(runOutcome.nullable(), row.outcome, "media_points.outcome") ?? undefined : undefined;
}

/** Checkpoint: the point's R2 inventory lies in S3. */
export async function noteR2(session: Session, point: string, r2: R2Result, signal?: AbortSignal): Promise<void> {
  await session.query(
    "select lifeboat.note_media_r2($1, $2)",
    [point, JSON.stringify(r2)],
    signal,
  );
}

/** Keeps what the owner should know until the point is closed, by whomever. Replaces what an earlier beginning noted. */
export async function noteWarnings(
  session: Session,
  point: string,
  warnings: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  await session.query(
    "select lifeboat.note_media_warnings($1, $2)",
    [point, JSON.stringify(warnings)],
    signal,
  );
}

export async function readWarnings(session: Session, point: string, signal?: AbortSignal): Promise<string[]> {
  const [row] = await session.query<{ warnings: string[] }>(
    "select warnings from lifeboat.media_points where recovery_point = $1",
    [point],
    signal,
  );
  return row.warnings;
}

/** False when a later point has its manifest already: then what lies there for people is newer than this one. */
export async function isNewestPoint(session: Session, point: string, signal?: AbortSignal): Promise<boolean> {
  const rows = await session.query(
    "select 1 from lifeboat.media_points where recovery_point > $1 and closed_at is not null limit 1",
    [point],
    signal,
  );
  return rows.length === 0;
}

/**
 * Gives one invocation the right to close the point: when nothing of its queue is left, and nobody else is at it. Whoever
 * has it keeps it as it keeps its claims.
 */
export async function claimClosing(
  session: Session,
  point: string,
  invocation: string,
  holdMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const [{ claimed }] = await session.query<{ claimed: boolean }>(
    "select lifeboat.claim_media_closing($1, $2, $3) as claimed",
    [point, invocation, holdMs],
    signal,
  );
  return claimed;
}

/** Gives the right to close the point back: for an invocation that hands over before the point is closed. */
export async function releaseClosing(
  session: Session,
  point: string,
  invocation: string,
  signal?: AbortSignal,
): Promise<void> {
  await session.query(
    "select lifeboat.release_media_closing($1, $2)",
    [point, invocation],
    signal,
  );
}

/**
 * Checkpoint: the manifest lies in S3 and the point is done. Lists of earlier points are dropped: their manifests hold
 * all that they said, and a million rows a day would soon outgrow the project. False when it is not `finisher`'s to close
 * any more: it was closed, or what was stored counts no more because the functions were given another bucket meanwhile.
 */
export async function closePoint(
  session: Session,
  point: string,
  finisher: string,
  outcome: RunOutcome,
  signal?: AbortSignal,
): Promise<boolean> {
  const [{ closed }] = await session.query<{ closed: boolean }>(
    "select lifeboat.close_media_point($1, $2, $3) as closed",
    [point, finisher, JSON.stringify(outcome)],
    signal,
  );
  return closed;
}
