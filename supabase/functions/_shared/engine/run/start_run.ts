import { type LeaseAnswer, leaseRun, type RunDependencies } from "./lease_run.ts";
import type { LeasedRun } from "./leased_run.ts";
import type { RunRequest } from "./run.ts";
import { alreadyRunning, unknownPoint } from "./run_errors.ts";
import { storableJson } from "./safe_text.ts";

interface StartAnswer extends LeaseAnswer {
  readonly running?: string;
  readonly unknownPoint?: string;
}

/**
 * Takes the lease of the kind, opens or joins the recovery point, and records the run. A dead holder of the lease is
 * closed as `run_abandoned`. The lease is kept from when `executeRun` is called; do so at once.
 *
 * Throws `already_running` (its `subject` is the id of the run at work), `recovery_point_unknown`,
 * `schema_outdated`, `not_installed`, and as the database does. Not to be repeated blindly: a lost answer may have started a run, which then counts as abandoned.
 */
export async function startRun(dependencies: RunDependencies, request: RunRequest): Promise<LeasedRun> {
  const leased = await leaseRun<StartAnswer>(
    dependencies,
    "select lifeboat.start_run($1, $2) as answer",
    (leaseMs) => [storableJson(request), leaseMs],
    { orNewer: false },
    ({ running, unknownPoint: unknown }) => {
      if (running !== undefined) throw alreadyRunning(request.kind, running);
      if (unknown !== undefined) throw unknownPoint(unknown);
    },
  );
  return leased!.run;
}
