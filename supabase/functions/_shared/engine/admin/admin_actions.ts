import { type AdminRequest, type OverviewAnswer, overviewAnswer, updateAnswer } from "../../contract/mod.ts";
import { withSession } from "../maintenance/with_session.ts";
import { readAnswer } from "../sql_answer.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { storableJson } from "../run/safe_text.ts";
import { requestCancel } from "../run/cancel_run.ts";
import type { AdminDependencies } from "./admin_dependencies.ts";
import { type Actor, writeAudit } from "./audit_log.ts";
import { findRun } from "./find_run.ts";

/** Asks a run to stop; `requested` is false when it has ended. Throws `run_unknown` and the database's errors. */
export async function cancelRun(
  { database, project }: AdminDependencies,
  runId: string,
  actor: Actor,
  signal?: AbortSignal,
): Promise<{ readonly runId: string; readonly requested: boolean }> {
  const run = await withSession(database, (session) => findRun(session, project, runId, signal), signal);
  const requested = await requestCancel(database, runId, signal);
  const details = { kind: run.kind, recoveryPoint: run.recovery_point, requested };
  await withSession(
    database,
    (session) => writeAudit(session, { actor, action: "run.cancel", target: runId, details }, signal),
    signal,
  );
  return { runId, requested };
}

/** Sets label and pin of a run and of its recovery point's other run. Throws as `cancelRun`. May be repeated. */
export async function updateRun(
  { database, project }: AdminDependencies,
  { runId, label, pinned }: Extract<AdminRequest, { action: "update" }>,
  actor: Actor,
  signal?: AbortSignal,
): Promise<{ readonly runId: string; readonly label: string | null; readonly pinned: boolean }> {
  return await withSession(database, async (session) => {
    const { recovery_point: recoveryPoint } = await findRun(session, project, runId, signal);
    const changes = { ...(label !== undefined && { label }), ...(pinned !== undefined && { pinned }) };
    const details = { ...changes, recoveryPoint };
    await writeAudit(session, { actor, action: "run.update", target: runId, details }, signal);
    const [{ updated }] = await session.query<{ updated: unknown }>(
      "select lifeboat.update_run($1, $2) as updated",
      [runId, storableJson(changes)],
      signal,
    );
    return readAnswer(updateAnswer, updated, "update_run");
  }, signal);
}

/** Reads the figures of the overview. Throws what the database throws. */
export async function readOverview(
  { database, project, cron, clock }: AdminDependencies,
  signal?: AbortSignal,
): Promise<OverviewAnswer> {
  const [{ overview }] = await withSession(
    database,
    (session) =>
      queryCurrentSchema<{ overview: unknown }>(
        session,
        "select lifeboat.overview($1) as overview",
        [project],
        { signal },
      ),
    signal,
  );
  const figures = readAnswer(overviewAnswer.omit({ nextRunAt: true }), overview, "overview");
  const next = figures.schedule === null ? null : cron.next(figures.schedule, clock.now());
  return { ...figures, nextRunAt: next && next.toISOString() };
}
