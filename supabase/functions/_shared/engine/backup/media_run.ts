import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { Database } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { runIdentity } from "../run/run_identity.ts";
import { LeasedRun } from "../run/leased_run.ts";
import type { RunRequest } from "../run/run.ts";
import { RunConnection } from "../run/run_connection.ts";
import { alreadyRunning, unknownPoint } from "../run/run_errors.ts";
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

interface Answer {
  readonly run?: BackupHistoryRow;
  readonly epoch?: string;
  readonly running?: string;
  readonly unknownPoint?: string;
  readonly queued?: string;
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
    "select lifeboat.begin_media($1, $2, $3) as answer",
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
    "select lifeboat.join_media($1, $2, $3) as answer",
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
  statement: string,
  params: (leaseMs: number) => readonly unknown[],
  orNewer: boolean,
): Promise<LeasedRun | undefined> {
  const leasedAtMs = clock.now().getTime();
  const connection = new RunConnection(database, clock, timing.answerMs);
  let run: LeasedRun | undefined;
  try {
    const [{ answer }] = await queryCurrentSchema<{ answer: Answer | null }>(
      connection,
      statement,
      params(timing.leaseMs),
      { orNewer },
    );
    if (answer?.queued) throw queued(answer.queued);
    if (answer?.running) throw alreadyRunning("media", answer.running);
    if (answer?.unknownPoint) throw unknownPoint(answer.unknownPoint);
    if (answer?.run && answer.epoch) {
      run = new LeasedRun(runIdentity(answer.run, answer.epoch, leasedAtMs), connection, clock, timing);
    }
    return run;
  } finally {
    if (!run) await connection.close();
  }
}

function queued(runId: string): LifeboatError {
  return new LifeboatError({
    code: "media_queued",
    kind: "conflict",
    message: "The media run of another recovery point is at work; it takes this one next.",
    hint: "Nothing needs to be done.",
    operation: "run.start",
    subject: runId,
  });
}
