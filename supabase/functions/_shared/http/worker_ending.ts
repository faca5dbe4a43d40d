import { LifeboatError } from "../engine/errors.ts";

let ending: AbortController | undefined;

/**
 * Aborted when the platform is about to end this worker. `beforeunload` fires at 90 % of a limit, with
 * `detail.reason` (cpu, memory, wall_clock, early_drop, termination), so that a run can still say what became of it.
 * https://supabase.com/docs/guides/functions/background-tasks
 */
export function workerEnding(): AbortSignal {
  if (!ending) {
    const controller = ending = new AbortController();
    addEventListener("beforeunload", (event) => {
      const reason = (event as CustomEvent<{ reason?: string } | undefined>).detail?.reason ?? "unknown";
      controller.abort(
        new LifeboatError({
          code: "worker_ended",
          kind: "transient",
          message: `The platform ended the function before the run was done (limit: ${reason}).`,
          hint: "Run it again. A project this large needs the command line: npm run lifeboat -- backup.",
          operation: "run",
          subject: reason,
        }),
      );
    });
  }
  return ending.signal;
}
