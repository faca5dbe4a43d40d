import { claimedOverdueAlert } from "../../contract/point_answers.ts";
import type { Database } from "../database.ts";
import type { Notifier, NotifyResult } from "../run/notifier.ts";
import { readAnswer } from "../sql_answer.ts";
import { send } from "./settle_point.ts";
import { withSession } from "./with_session.ts";

const CLAIM_MS = 5 * 60_000;

/**
 * Sends an alert when the newest good dump is older than `overdue_after` in lifeboat.settings; at most one a day. Returns
 * null when none is owed. Throws as the database does.
 */
export async function reportOverdue(
  dependencies: { readonly database: Database; readonly notifier: Notifier },
  signal?: AbortSignal,
): Promise<NotifyResult | null> {
  return await withSession(dependencies.database, async (session) => {
    const [row] = await session.query<{ alert: unknown }>(
      "select lifeboat.claim_overdue($1) as alert",
      [CLAIM_MS],
      signal,
    );
    const alert = readAnswer(claimedOverdueAlert.nullable(), row.alert, "claim_overdue");
    if (alert === null) return null;
    const { claim, ...told } = alert;
    const result = await send(() => dependencies.notifier.notifyOverdue(told, signal));
    await session.query("select lifeboat.record_overdue($1, $2, $3)", [
      claim,
      result.status !== "failed",
      result.error ?? null,
    ], signal);
    return result;
  }, signal);
}
