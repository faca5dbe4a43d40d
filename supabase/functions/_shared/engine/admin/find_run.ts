import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";

/**
 * Finds a run of this project by its id. Throws `run_unknown` (missing), also for a run of another project: a restored
 * clone has its origin's history, and must not reach the origin's files through it.
 */
export async function findRun(
  session: Session,
  project: string,
  runId: string,
  signal?: AbortSignal,
): Promise<BackupHistoryRow> {
  const [found] = await session.query<{ run: BackupHistoryRow }>(
    "select pg_catalog.to_jsonb(h) as run from public.backup_history h where h.id = $1 and h.project = $2",
    [runId, project],
    signal,
  );
  if (found) return found.run;
  throw new LifeboatError({
    code: "run_unknown",
    kind: "missing",
    message: "This project's history has no such run.",
    hint: "Reload the history; the run may have been removed by retention.",
    operation: "admin.find_run",
    subject: runId,
  });
}
