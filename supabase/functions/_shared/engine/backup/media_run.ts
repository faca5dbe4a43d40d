import type { Database } from "../database.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { runIdentity } from "../run/run_identity.ts";
import { LeasedRun } from "../run/leased_run.ts";
import type { RunRequest } from "../run/run.ts";
import { RunConnection } from "../run/run_connection.ts";
import { readLease } from "../run/read_lease.ts";
import { RUN_TIMING, type RunDependencies } from "../run/run_store.ts";
import { storableJson } from "../run/safe_text.ts";

/** One invocation's part in a media run. */
export interface MediaShare {
  readonly run: LeasedRun;
  /** UUID of this invocation. */
  readonly worker: string;
  /** It began the run, or took it up after everybody else had died. */
  readonly begins: boolean;
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
  const run = await lease(
    dependencies,
    "lifeboat.begin_media($1, $2, $3)",
    (leaseMs) => [storableJson({ ...request, kind: "media" }), leaseMs, worker],
    false,
  );
  return { run: run!, worker, begins: true };
}

/**
 * Lets an invocation in that was hired for a run. Undefined when it is not needed: it came twice or too late, or the run
 * has ended. Throws as the database does. May be repeated.
 */
export async function joinMediaRun(
  dependencies: RunDependencies,
  { runId, worker }: MediaJoin,
): Promise<MediaShare | undefined> {
  const run = await lease(
    dependencies,
    "lifeboat.join_media($1, $2, $3)",
    (leaseMs) => [runId, worker, leaseMs],
    true,
  );
  return run && { run, worker, begins: false };
}

/** Says that a hired invocation will not come. Throws as the database does. */
export async function dismissMediaWorker(database: Database, worker: string): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat media" });
  try {
    await session.query("select lifeboat.dismiss_media_worker($1)", [worker]);
  } finally {
    await session.close();
  }
}

/** What a hired invocation is called with. */
export interface MediaJoin {
  readonly runId: string;
  readonly worker: string;
}

async function lease(
  { database, clock, timing = RUN_TIMING }: RunDependencies,
  call: string,
  params: (leaseMs: number) => readonly unknown[],
  orNewer: boolean,
): Promise<LeasedRun | undefined> {
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  let run: LeasedRun | undefined;
  try {
    const [{ answer }] = await queryCurrentSchema<{ answer: unknown }>(
      connection,
      `select ${call} as answer`,
      params(timing.leaseMs),
      { orNewer },
    );
    if (answer !== null) {
      const { run: row, epoch } = readLease(answer, "media", call);
      run = new LeasedRun(runIdentity(row, epoch, leasedAtMs), connection, clock, timing);
    }
    return run;
  } finally {
    if (!run) await connection.close();
  }
}
