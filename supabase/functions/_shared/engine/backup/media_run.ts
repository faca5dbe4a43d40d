import type { Database } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { type LeaseAnswer, type Leased, leaseRun } from "../run/lease_run.ts";
import type { RunRequest } from "../run/run.ts";
import { alreadyRunning, unknownPoint } from "../run/run_errors.ts";
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

interface Answer extends LeaseAnswer {
  readonly lostSteps?: number;
  readonly running?: string;
  readonly unknownPoint?: string;
  readonly queued?: string;
}

/**
 * Begins a media run, or takes up the point's run whose invocations have all died.
 *
 * Throws `media_queued` when the run of another point is at work, which takes this point next; `already_running`,
 * `recovery_point_unknown`, `schema_outdated`, `not_installed`, and as the database does.
 */
export async function beginMediaRun(dependencies: RunDependencies, request: RunRequest): Promise<MediaShare> {
  const worker = crypto.randomUUID();
  const leased = await leaseRun<Answer>(
    dependencies,
    "select lifeboat.begin_media($1, $2, $3) as answer",
    (leaseMs) => [storableJson(request), leaseMs, worker],
    { orNewer: false },
    ({ queued, running, unknownPoint: unknown }) => {
      if (queued) throw mediaQueued(queued);
      if (running) throw alreadyRunning("media", running);
      if (unknown) throw unknownPoint(unknown);
    },
  );
  return shareOf(leased!, worker, true);
}

/**
 * Lets an invocation in that was hired for a run. Undefined when it is not needed: it came twice or too late, or the run
 * has ended. Throws as the database does. May be repeated.
 */
export async function joinMediaRun(
  dependencies: RunDependencies,
  { runId, worker }: MediaJoin,
): Promise<MediaShare | undefined> {
  const leased = await leaseRun<Answer>(
    dependencies,
    "select lifeboat.join_media($1, $2, $3) as answer",
    (leaseMs) => [runId, worker, leaseMs],
    { orNewer: true },
    () => {},
  );
  return leased && shareOf(leased, worker, false);
}

/** Says that a hired invocation will not come. Throws as the database does. */
export async function dismissMediaWorker(database: Database, worker: string): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat media" });
  try {
    await session.query("delete from lifeboat.media_workers where worker = $1", [worker]);
  } finally {
    await session.close();
  }
}

/** What a hired invocation is called with. */
export interface MediaJoin {
  readonly runId: string;
  readonly worker: string;
}

function shareOf({ run, answer }: Leased<Answer>, worker: string, begins: boolean): MediaShare {
  return { run, worker, begins, lostSteps: answer.lostSteps ?? 0 };
}

function mediaQueued(runId: string): LifeboatError {
  return new LifeboatError({
    code: "media_queued",
    kind: "conflict",
    message: "The media run of another recovery point is at work; it takes this one next.",
    hint: "Nothing needs to be done.",
    operation: "run.start",
    subject: runId,
  });
}
