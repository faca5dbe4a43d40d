import { LifeboatError } from "../errors.ts";

export function alreadyRunning(kind: string, runningId: string): LifeboatError {
  return new LifeboatError({
    code: "already_running",
    kind: "conflict",
    message: `Another ${kind} run is at work.`,
    hint: "Wait until it has ended, or cancel it. One that died is given up about a minute after it was last heard of.",
    operation: "run.start",
    subject: runningId,
  });
}

export function unknownPoint(point: string): LifeboatError {
  return new LifeboatError({
    code: "recovery_point_unknown",
    kind: "missing",
    message: `This project has no recovery point ${point} to add to.`,
    hint: "Leave the point out to open a new one.",
    operation: "run.start",
    subject: point,
  });
}

export function runCancelled(id: string): LifeboatError {
  return new LifeboatError({
    code: "run_cancelled",
    kind: "conflict",
    message: "The run was cancelled.",
    hint: "Start a new run when you want a backup. Nothing that was stored before is harmed.",
    operation: "run",
    subject: id,
  });
}

export function runTakenOver(id: string): LifeboatError {
  return new LifeboatError({
    code: "run_taken_over",
    kind: "conflict",
    message: "This run was given up because it was not heard of in time, and may not write any more.",
    hint: "Look at the newest run in the history. Nothing that was stored before is harmed.",
    operation: "run",
    subject: id,
  });
}

export function leaseLost(id: string, silentMs: number, cause: unknown): LifeboatError {
  return new LifeboatError({
    code: "lease_lost",
    kind: "transient",
    message: `The database could not be reached for ${Math.round(silentMs / 1000)} seconds, so the run had to stop.`,
    hint: "Check that the database is up, then run the backup again. Nothing that was stored before is harmed.",
    operation: "run.heartbeat",
    subject: id,
    cause,
  });
}

/** The media run of another point is at work. */
export function mediaQueued(runId: string): LifeboatError {
  return new LifeboatError({
    code: "media_queued",
    kind: "conflict",
    message: "The media run of another recovery point is at work; it takes this one next.",
    hint: "Nothing needs to be done.",
    operation: "run.start",
    subject: runId,
  });
}
