import type { BackupHistoryRow } from "../../contract/mod.ts";
import { asLifeboatError } from "../errors.ts";
import type { LeasedRun } from "./leased_run.ts";
import type { Run, RunOutcome } from "./run.ts";
import { settleRun } from "./settle_run.ts";

/** How long work that was told to stop may take before the run is closed without it. */
const STOP_GRACE_MS = 20_000;

/**
 * Keeps the lease while `work` runs, then writes how it ended and frees the lease. Work that throws makes the run
 * `failed`, or `cancelled` after `requestCancel`; neither is thrown. Aborting `signal` stops the work and makes the run
 * `failed` with the signal's reason: for a host that is about to be shut down.
 *
 * Returns the settled row. Throws `run_taken_over` when the run was given up meanwhile, and as the database does when
 * the end could not be written (see `settleRun`). To be called once a run.
 */
export async function executeRun(
  run: LeasedRun,
  work: (run: Run) => Promise<RunOutcome>,
  signal?: AbortSignal,
): Promise<BackupHistoryRow> {
  return (await executeStep(run, work, signal))!;
}

/** The result of work that leaves its run to another worker. The run goes on, or was ended by another process as this row says. */
export interface LeftRun {
  readonly left: BackupHistoryRow | undefined;
}

/** As `executeRun`, for a run that several workers do one after the other. Returns undefined when the run goes on. */
export async function executeStep(
  run: LeasedRun,
  work: (run: Run) => Promise<RunOutcome | LeftRun>,
  signal?: AbortSignal,
): Promise<BackupHistoryRow | undefined> {
  const shutDown = () => run.stop(asLifeboatError(signal?.reason, "run"));
  if (signal?.aborted) shutDown();
  signal?.addEventListener("abort", shutDown, { once: true });
  const finished = new AbortController();
  const keptAlive = run.keepAlive(finished.signal);
  try {
    const ending = await endOf(run, work);
    finished.abort();
    await keptAlive;
    if ("error" in ending) return await settleRun(run, ending);
    const { outcome } = ending;
    return "left" in outcome ? outcome.left : await settleRun(run, { outcome });
  } finally {
    signal?.removeEventListener("abort", shutDown);
    await run.connection.close();
  }
}

async function endOf<Outcome>(
  run: LeasedRun,
  work: (run: Run) => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome } | { readonly error: unknown }> {
  const ended = new AbortController();
  try {
    return { outcome: await Promise.race([startWork(run, work), whenStuck(run, ended.signal)]) };
  } catch (error) {
    // Why the work was stopped says more than how it broke when it was.
    return { error: run.signal.aborted ? run.signal.reason : error };
  } finally {
    ended.abort();
  }
}

async function startWork<Outcome>(run: LeasedRun, work: (run: Run) => Promise<Outcome>): Promise<Outcome> {
  run.signal.throwIfAborted();
  return await work(run);
}

/** Rejects when the work was told to stop and did not: it may wait for an answer that never comes. */
function whenStuck(run: LeasedRun, ended: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const waitThenReject = () => {
      run.clock.sleep(STOP_GRACE_MS, ended).then(() => reject(run.signal.reason), () => {});
    };
    if (run.signal.aborted) waitThenReject();
    else run.signal.addEventListener("abort", waitThenReject, { once: true });
  });
}
