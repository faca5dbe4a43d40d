import type { PointNotifier } from "../notify/point_notifier.ts";
import { claimedDamageAlert } from "../../contract/point_answers.ts";
import type { Database } from "../database.ts";
import type { NotifyResult } from "../run/notifier.ts";
import { readAnswer } from "../sql_answer.ts";
import { send } from "./settle_point.ts";
import { withSession } from "./with_session.ts";

/** A sender that has not said how it went by then counts as dead, and another may send. */
const CLAIM_MS = 5 * 60_000;

/**
 * Sends the email about each damaged recovery point that is owed one. A failure to send is recorded and tried again by
 * the next call, later and later, a few times. May be repeated and called by several at once: one of them sends. Throws
 * as the database does.
 */
export async function reportDamage(
  dependencies: { readonly database: Database; readonly notifier: Pick<PointNotifier, "notifyDamaged"> },
  signal?: AbortSignal,
): Promise<NotifyResult[]> {
  return await withSession(dependencies.database, async (session) => {
    const owed = await session.query<{ alert: unknown }>(
      "select lifeboat.claim_damage_emails($1) as alert",
      [CLAIM_MS],
      signal,
    );
    const results: NotifyResult[] = [];
    for (const { alert } of owed) {
      const { claim, ...told } = readAnswer(claimedDamageAlert, alert, "claim_damage_emails");
      const result = await send(() => dependencies.notifier.notifyDamaged(told, signal));
      await session.query("select lifeboat.record_damage_email($1, $2, $3)", [
        claim,
        result.status,
        result.error ?? null,
      ], signal);
      results.push(result);
    }
    return results;
  }, signal);
}
