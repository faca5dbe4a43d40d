import process from "node:process";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** Ctrl-C in a terminal arrives twice: from the terminal, and passed on by npm's process. */
const SAME_PRESS_MS = 1_000;

let interrupted: AbortController | undefined;

/**
 * Aborts when somebody asks the process to end, so that a run can still record its outcome. A second request ends the
 * process at once; the run counts as abandoned a minute later.
 */
export function whenInterrupted(): AbortSignal {
  if (interrupted) return interrupted.signal;
  const controller = interrupted = new AbortController();
  let firstAtMs: number | undefined;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (firstAtMs === undefined) {
        firstAtMs = performance.now();
        console.error(`Stopping (${name}). Once more ends at once.`);
        controller.abort(stopped(name));
      } else if (performance.now() - firstAtMs > SAME_PRESS_MS) process.exit(130);
    });
  }
  return controller.signal;
}

function stopped(name: string): LifeboatError {
  return new LifeboatError({
    code: "interrupted",
    kind: "permanent",
    message: `The command was stopped by ${name}.`,
    hint: "Start it again when you want it. Nothing that was stored before is harmed.",
    operation: "cli",
  });
}
