import { type BackupHistoryRow, backupHistoryRow } from "../../contract/run.ts";
import type { Database } from "../database.ts";
import { readAnswer } from "../sql_answer.ts";
import { withSession } from "./with_session.ts";

/** Asks `database-backup` for a new dump in the place of one that failed. */
export interface DumpStarter {
  startDump(failed: Pick<BackupHistoryRow, "trigger" | "label" | "pinned">, signal?: AbortSignal): Promise<void>;
}

/**
 * Starts a dump anew, as a run of its own, whose worker or snapshot was lost: once, and not again within six hours.
 * Returns the failed run, or null when there is none. May be repeated, and run by several at once. Throws as the
 * database and the starter do; a start that failed is not repeated, and the next scheduled dump stands for it.
 */
export async function restartDump(
  { database, dumpStarter }: { readonly database: Database; readonly dumpStarter: DumpStarter },
  signal?: AbortSignal,
): Promise<BackupHistoryRow | null> {
  const failed = await withSession(database, async (session) => {
    const [{ row }] = await session.query<{ row: unknown }>(
      "select lifeboat.claim_dump_restart() as row",
      undefined,
      signal,
    );
    return readAnswer(backupHistoryRow.nullable(), row, "claim_dump_restart");
  }, signal);
  if (failed) await dumpStarter.startDump(failed, signal);
  return failed;
}
