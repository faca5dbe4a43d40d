import { asLifeboatError } from "../errors.ts";
import type { LeasedRun } from "../run/run_store.ts";
import type { MediaJoin, MediaShare } from "./media_run.ts";

/** Calls further invocations of the function that copies media. */
export interface MediaCrewStarter {
  /** Resolves once the invocation has taken note. Throws what it was answered. May be repeated: it joins once. */
  joinMedia(join: MediaJoin, signal?: AbortSignal): Promise<void>;
}

/** What one invocation is expected to do: more is hired when there is more. */
export interface MediaUnit {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Hires as many invocations as the queue is worth and calls them; with `leaves` this one makes room, and somebody goes on.
 * One that cannot be called is no failure of the run: those at work hire again, and when nobody is left, maintenance
 * takes the run up. Returns how many were called; throws as the database does.
 */
export async function hireCrew(
  starter: MediaCrewStarter,
  { run, worker }: MediaShare,
  leaves: boolean,
  unit: MediaUnit,
): Promise<{ called: number; failure?: string }> {
  const hired = await run.connection.query<{ worker: string }>(
    "select lifeboat.hire_media_workers($1, $2, $3, $4, $5, $6) as worker",
    [run.id, run.epoch, worker, leaves, unit.files, unit.bytes],
  );
  const calls = await Promise.allSettled(
    hired.map(({ worker }) => starter.joinMedia({ runId: run.id, worker })),
  );
  const failed = calls.find((call) => call.status === "rejected");
  return {
    called: calls.filter((call) => call.status === "fulfilled").length,
    ...failed && { failure: asLifeboatError(failed.reason, "media.hire").message },
  };
}

/** Several times in the minute after which an invocation counts as dead. */
const SEEN_MS = 15_000;

/** Shows that the invocation is alive, until told to stop. Never throws: the lease's heartbeat says when the database is away. */
export async function keepSeen(run: LeasedRun, worker: string, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await run.clock.sleep(SEEN_MS, until).catch(() => {});
    if (until.aborted) return;
    await run.connection.query("select lifeboat.see_media_worker($1)", [worker]).catch(() => {});
  }
}
