import type { Clock } from "../clock.ts";
import type { LeasedRun } from "./leased_run.ts";

/** Time from the announced end of a worker in which it can hand its work on; then the work is stopped. */
const HAND_OVER_MS = 5_000;

/** Aborted some seconds after `signal`, with its reason. */
export function afterHandOver(signal: AbortSignal | undefined, clock: Clock): AbortSignal | undefined {
  if (!signal) return undefined;
  const controller = new AbortController();
  const wait = () => void clock.sleep(HAND_OVER_MS).then(() => controller.abort(signal.reason));
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true });
  return controller.signal;
}

/**
 * Has the run remember a step that the platform cut short because it used up what a worker may use: the next one takes on
 * half as much. Does nothing while nothing ends. Throws as the database does.
 */
export async function noteCutShort(run: LeasedRun, ending: AbortSignal | undefined): Promise<void> {
  const reason = ending?.aborted ? ending.reason as { subject?: unknown } | undefined : undefined;
  if (reason?.subject !== "cpu" && reason?.subject !== "memory") return;
  await run.connection.query("select lifeboat.note_lost_step($1)", [run.id]);
}
