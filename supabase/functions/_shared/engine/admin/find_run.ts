import { type BackupHistoryRow, backupHistoryRow } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { readAnswer } from "../sql_answer.ts";
import { queryCurrentSchema } from "../schema_version.ts";

/**
 * Reads a run of this project by its id. A run of another project counts as unknown: a restored clone has the origin's
 * history, and must not reach the origin's files through it. Throws `run_unknown` (missing), `schema_outdated` and the
 * database's errors.
 */
export async function findRun(
  session: Session,
  project: string,
  runId: string,
  signal?: AbortSignal,
): Promise<BackupHistoryRow> {
  const [{ run }] = await queryCurrentSchema<{ run: unknown }>(
    session,
    "select (select pg_catalog.to_jsonb(h) from public.backup_history h where h.id = $1 and h.project = $2) as run",
    [runId, project],
    { signal },
  );
  if (run !== null) return readAnswer(backupHistoryRow, run, "backup_history");
  throw new LifeboatError({
    code: "run_unknown",
    kind: "missing",
    message: "This project's history has no such run.",
    hint: "Reload the history; the run may have been removed by retention.",
    operation: "admin.find_run",
    subject: runId,
  });
}
