import type { RunTrigger } from "../../contract/mod.ts";
import { withSession } from "../maintenance/with_session.ts";
import { type LeasedRun, type RunDependencies, startRun } from "../run/run_store.ts";
import type { Actor } from "./audit_log.ts";
import { findRun } from "./find_run.ts";

/** Takes the lease to verify the recovery point that a run belongs to. Throws `run_unknown`, and as `startRun`. */
export async function startVerify(
  dependencies: RunDependencies & { readonly project: string },
  request: { readonly runId: string; readonly trigger: RunTrigger; readonly actor: Actor },
): Promise<LeasedRun> {
  const { project } = dependencies;
  const run = await withSession(dependencies.database, (session) => findRun(session, project, request.runId));
  return await startRun(dependencies, {
    kind: "verify",
    project,
    trigger: request.trigger,
    ...(request.actor && { triggeredBy: request.actor }),
    recoveryPoint: run.recovery_point,
  });
}
