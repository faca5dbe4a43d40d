import type { Database } from "../database.ts";
import { asLifeboatError, type LifeboatError } from "../errors.ts";
import type { Notifier } from "../run/notifier.ts";
import { type PointSettlement, settlePoint } from "./settle_point.ts";
import { withSession } from "./with_session.ts";

export interface DuePoints {
  readonly settlements: readonly PointSettlement[];
  /** Points whose turn failed. One of them must not keep the younger ones waiting. */
  readonly failures: readonly LifeboatError[];
}

/** Settles every point that can be and sends every email that is owed, oldest first. Throws as the database does. */
export async function settleDuePoints(
  dependencies: { readonly database: Database; readonly notifier: Notifier },
  signal?: AbortSignal,
): Promise<DuePoints> {
  const due = await withSession(dependencies.database, async (session) => {
    await session.query("select lifeboat.give_up_emails()", [], signal);
    return await session.query<{ project: string; point: string }>(
      "select project, point from lifeboat.due_points()",
      [],
      signal,
    );
  }, signal);
  const settlements: PointSettlement[] = [];
  const failures: LifeboatError[] = [];
  for (const { project, point } of due) {
    try {
      settlements.push(await settlePoint(dependencies, { project, recoveryPoint: point }, signal));
    } catch (error) {
      failures.push(asLifeboatError(error, "maintenance.settle_point"));
    }
  }
  return { settlements, failures };
}
