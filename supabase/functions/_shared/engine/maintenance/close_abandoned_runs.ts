import { type BackupHistoryRow, backupHistoryRow } from "../../contract/mod.ts";
import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { readAnswer } from "../sql_answer.ts";
import { withSession } from "./with_session.ts";

/**
 * Closes the rows of runs whose worker is gone and returns them as they stand now: `failed` with `run_abandoned`.
 * May be repeated, and run by several at once. Throws
 * `schema_outdated` and as the database does.
 */
export async function closeAbandonedRuns(database: Database, signal?: AbortSignal): Promise<BackupHistoryRow[]> {
  const rows = await withSession(database, (session) =>
    queryCurrentSchema<{ closed: unknown }>(
      session,
      "select lifeboat.close_abandoned_runs() as closed",
      [],
      { signal },
    ), signal);
  return rows.map(({ closed }) => readAnswer(backupHistoryRow, closed, "close_abandoned_runs"));
}
