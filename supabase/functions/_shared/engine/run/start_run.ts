import type { RunKind } from "../../contract/mod.ts";
import { leaseRun, readLease, type RunDependencies } from "./lease_run.ts";
import type { LeasedRun } from "./leased_run.ts";
import type { RunRequest } from "./run.ts";
import { storableJson } from "./safe_text.ts";

/** What `startRun` can be asked for: a media run begins by `beginMediaRun`, which also takes up one that died. */
export type StartRequest = RunRequest & { readonly kind: Exclude<RunKind, "media"> };

/**
 * Takes the lease of the kind, opens or joins the recovery point, and records the run. A dead holder of the lease is
 * closed as `run_abandoned`. The lease is kept from when `executeRun` is called; do so at once.
 *
 * Throws `already_running` (its `subject` is the id of the run at work), `recovery_point_unknown`,
 * `schema_outdated`, `not_installed`, and as the database does. Not to be repeated blindly: a lost answer may have started a run, which then counts as abandoned.
 */
export async function startRun(dependencies: RunDependencies, request: StartRequest): Promise<LeasedRun> {
  const { run } = await leaseRun(
    dependencies,
    "lifeboat.start_run($1, $2)",
    (leaseMs) => [storableJson(request), leaseMs],
    { orNewer: false },
    (answer) => readLease(answer, request.kind, "start_run"),
  );
  return run;
}
