import { pointSummary } from "../../contract/point_answers.ts";
import type { Database, Session } from "../database.ts";
import { asLifeboatError } from "../errors.ts";
import type { Notifier, NotifyResult } from "../run/notifier.ts";
import { noteWarning } from "../run/note_warning.ts";
import { safeText } from "../run/safe_text.ts";
import { readAnswer } from "../sql_answer.ts";
import { withSession } from "./with_session.ts";

/** A sender that has not said how it went by then counts as dead, and another may send. */
const CLAIM_MS = 5 * 60_000;

export interface PointName {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` */
  readonly recoveryPoint: string;
}

export interface PointSettlement extends PointName {
  readonly settled: boolean;
  /** How its email went just now; null when there was none to send: not settled, sent before, or somebody else's turn. */
  readonly email: NotifyResult | null;
}

/**
 * Settles a recovery point if its database and media backup have ended (or waited too long) and sends its one email. To be called
 * when a media run has ended and when a database run has failed; `backup-maintenance` calls it for whatever is left. May
 * be repeated, and called by several at once: one of them sends. A failure to send is recorded in the history and tried
 * again by maintenance. Throws as the database does.
 */
export async function settlePoint(
  dependencies: { readonly database: Database; readonly notifier: Notifier },
  point: PointName,
  signal?: AbortSignal,
): Promise<PointSettlement> {
  const { project, recoveryPoint } = point;
  const name = [project, recoveryPoint];
  return await withSession(dependencies.database, async (session) => {
    const [{ settled }] = await session.query<{ settled: boolean }>(
      "select lifeboat.settle_point($1, $2) as settled",
      name,
      signal,
    );
    if (!settled) return { project, recoveryPoint, settled, email: null };
    const claim = await claimEmail(session, name, signal);
    if (claim === null) return { project, recoveryPoint, settled, email: null };

    const [row] = await session.query<{ summary: unknown }>(
      "select lifeboat.point_summary($1, $2) as summary",
      name,
      signal,
    );
    const summary = readAnswer(pointSummary, row.summary, "point_summary");
    const email = await send(() => dependencies.notifier.notify(summary, signal));
    await session.query("select lifeboat.record_email($1, $2, $3, $4, $5, $6)", [
      ...name,
      claim,
      email.status,
      email.error ?? null,
      email.id ?? null,
    ], signal);
    if (email.warning && summary.database) {
      await noteWarning(dependencies.database, summary.database.id, email.warning);
    }
    return { project, recoveryPoint, settled, email };
  }, signal);
}

async function claimEmail(session: Session, name: string[], signal?: AbortSignal): Promise<string | null> {
  const [{ claim }] = await session.query<{ claim: string | null }>(
    "select lifeboat.claim_email($1, $2, $3) as claim",
    [...name, CLAIM_MS],
    signal,
  );
  return claim;
}

/** The notifier's answer, with a thrown error as one: an email must never make a backup fail. */
export async function send(notify: () => Promise<NotifyResult>): Promise<NotifyResult> {
  try {
    const { error, ...result } = await notify();
    return { ...result, ...error === undefined ? {} : { error: safeText(error, 1_000) } };
  } catch (error) {
    return { status: "failed", error: safeText(asLifeboatError(error, "notify").message, 1_000) };
  }
}
