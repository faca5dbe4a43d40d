import { type BackupHistoryRow, backupHistoryRow, type RunStatus } from "../../contract/run.ts";
import { asLifeboatError, hasCode, LifeboatError } from "../errors.ts";
import { retry } from "../retry.ts";
import type { LeasedRun } from "./leased_run.ts";
import type { RunOutcome } from "./run.ts";
import { runTakenOver } from "./run_errors.ts";
import { safeText, storableJson } from "./safe_text.ts";
import { readAnswer } from "../sql_answer.ts";

/** How a run ended: its outcome, or why there is none. */
export type RunEnding = { readonly outcome: RunOutcome } | { readonly error: unknown };

/**
 * Writes how the run ended and frees its lease. A database that is away is tried again for `timing.settleMs`; after that
 * the failure is thrown and `backup-maintenance` closes the row once the lease has run out. Throws `run_taken_over` when
 * the row is not ours to write any more.
 */
export async function settleRun(run: LeasedRun, ending: RunEnding): Promise<BackupHistoryRow> {
  try {
    return await write(run, asRow(ending));
  } catch (error) {
    // The database refused what the run had to say (too large, for example): say at least that.
    if ("outcome" in ending && hasCode(error, "database_error")) return await write(run, asRow({ error }));
    throw error;
  }
}

async function write(run: LeasedRun, outcome: Record<string, unknown>): Promise<BackupHistoryRow> {
  const rules = {
    totalMs: run.timing.settleMs,
    mayPass: (error: unknown) => error instanceof LifeboatError && error.kind === "transient",
    delayMs: (failures: number) => 500 * 2 ** (failures - 1),
  };
  return await retry(run.clock, rules, async () => {
    const [{ row }] = await run.connection.query<{ row: unknown }>(
      "select lifeboat.settle_run($1, $2, $3) as row",
      [run.id, run.epoch, storableJson(outcome)],
    );
    if (row === null) throw runTakenOver(run.id);
    return readAnswer(backupHistoryRow, row, "settle_run");
  });
}

function asRow(ending: RunEnding): Record<string, unknown> {
  if ("outcome" in ending) {
    const { errorCode, errorMessage, errorHint, ...figures } = ending.outcome;
    return { ...figures, ...errorTexts(errorCode, errorMessage, errorHint) };
  }
  const error = asLifeboatError(ending.error);
  const status: RunStatus = error.code === "run_cancelled" ? "cancelled" : "failed";
  return { status, ...errorTexts(error.code, error.message, error.hint) };
}

/** Long enough for a sentence and an S3 key, short enough for an email and a page. */
function errorTexts(code?: string, message?: string, hint?: string): Record<string, string | undefined> {
  return {
    errorCode: code && safeText(code, 100),
    errorMessage: message && safeText(message, 2_000),
    errorHint: hint && safeText(hint, 1_000),
  };
}

/** How often the row of a run is looked at that other invocations go on with, in milliseconds. */
const POLL_MS = 1_000;

/**
 * The row of a run that other invocations go on with, once it has settled; undefined when it has not after `mostMs`. Throws
 * `database_answer_invalid` and as the database does.
 */
export async function settledByOthers(
  { id, clock, connection }: LeasedRun,
  mostMs: number,
): Promise<BackupHistoryRow | undefined> {
  const until = clock.now().getTime() + mostMs;
  try {
    while (clock.now().getTime() < until) {
      const [{ row }] = await connection.query<{ row: unknown }>(
        "select to_jsonb(h) as row from public.backup_history h where h.id = $1",
        [id],
      );
      const read = readAnswer(backupHistoryRow, row, "backup_history");
      if (read.status !== "running") return read;
      await clock.sleep(POLL_MS);
    }
  } finally {
    await connection.close();
  }
}
