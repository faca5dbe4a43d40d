import { asLifeboatError } from "../errors.ts";
import type { LeasedRun } from "../run/run_store.ts";
import type { MediaJoin, MediaShare } from "./media_run.ts";

/** Calls further invocations of the function that copies media. */
export interface MediaWorkerStarter {
  /** Resolves once the invocation has taken note. Throws what it was answered. May be repeated: it joins once. */
  joinMedia(join: MediaJoin, signal?: AbortSignal): Promise<void>;
}

/** How much one invocation is expected to copy. More workers are started when the queue holds more. */
export interface MediaUnit {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Starts as many further workers as the length of the queue justifies. With `leaves` the caller is about to end: it is not
 * counted any more, and at least one worker is started while the point is open. A worker that cannot be called is no failure
 * of the run: those at work start others, and when no worker is left, maintenance takes the run up. Returns how many were
 * called; throws as the database does.
 */
export async function startMediaWorkers(
  starter: MediaWorkerStarter,
  { run, worker }: MediaShare,
  leaves: boolean,
  unit: MediaUnit,
): Promise<{ called: number; failure?: string }> {
  const started = await run.connection.query<{ worker: string }>(
    "select lifeboat.start_media_workers($1, $2, $3, $4, $5, $6) as worker",
    [run.id, run.epoch, worker, leaves, unit.files, unit.bytes],
  );
  const calls = await Promise.allSettled(
    started.map(({ worker }) => starter.joinMedia({ runId: run.id, worker })),
  );
  const failed = calls.find((call) => call.status === "rejected");
  return {
    called: calls.filter((call) => call.status === "fulfilled").length,
    ...failed && { failure: asLifeboatError(failed.reason, "media.start_workers").message },
  };
}

/** Four times in the minute after which an invocation that was not seen counts as dead. */
const SEEN_MS = 15_000;

/** Shows that the invocation is alive, until `until` is aborted. Never throws: the lease's heartbeat says when the database is away. */
export async function keepSeen(run: LeasedRun, worker: string, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await run.clock.sleep(SEEN_MS, until).catch(() => {});
    if (until.aborted) return;
    await run.connection.query("select lifeboat.see_media_worker($1)", [worker]).catch(() => {});
  }
}
