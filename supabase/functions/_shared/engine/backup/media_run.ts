import type { Database } from "../database.ts";
import { leaseRun, readLease } from "../run/lease_run.ts";
import type { RunRequest } from "../run/run.ts";
import type { LeasedRun, RunDependencies } from "../run/run_store.ts";
import { storableJson } from "../run/safe_text.ts";

/** One invocation's part in a media run. */
export interface MediaShare {
  readonly run: LeasedRun;
  /** UUID of this invocation. */
  readonly worker: string;
  /** It began the run, or took it up after everybody else had died. */
  readonly begins: boolean;
  /** Invocations of this run that the platform ended. */
  readonly lostSteps: number;
}

/**
 * Begins a media run, or takes up the point's run whose invocations have all died. Every media run begins here, whether a
 * function or the command line is to do it.
 *
 * Throws `media_queued` when the run of another point is at work, which takes this point next; `already_running`,
 * `recovery_point_unknown`, `schema_outdated`, `not_installed`, and as the database does.
 */
export async function beginMediaRun(
  dependencies: RunDependencies,
  request: Omit<RunRequest, "kind">,
): Promise<MediaShare> {
  const worker = crypto.randomUUID();
  const { run, lease } = await leaseRun(
    dependencies,
    "lifeboat.begin_media($1, $2, $3)",
    (leaseMs) => [storableJson({ ...request, kind: "media" }), leaseMs, worker],
    { orNewer: false },
    (answer) => readLease(answer, "media", "begin_media"),
  );
  return { run, worker, begins: true, lostSteps: lease.lostSteps };
}

/**
 * Lets an invocation that was called as a worker join its run. Undefined when it is not needed: it came twice or too late,
 * or the run has ended. Throws as the database does. May be repeated.
 */
export async function joinMediaRun(
  dependencies: RunDependencies,
  { runId, worker }: MediaJoin,
): Promise<MediaShare | undefined> {
  const leased = await leaseRun(
    dependencies,
    "lifeboat.join_media($1, $2, $3)",
    (leaseMs) => [runId, worker, leaseMs],
    { orNewer: true },
    (answer) => answer === null ? undefined : readLease(answer, "media", "join_media"),
  );
  return leased && { run: leased.run, worker, begins: false, lostSteps: leased.lease.lostSteps };
}

/** Says that a worker that was called will not come. Throws as the database does. */
export async function dismissMediaWorker(database: Database, worker: string): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat media" });
  try {
    await session.query("select lifeboat.dismiss_media_worker($1)", [worker]);
  } finally {
    await session.close();
  }
}

/** What a further worker of a run is called with. */
export interface MediaJoin {
  readonly runId: string;
  readonly worker: string;
}
