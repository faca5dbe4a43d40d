import { systemClock } from "../../engine/clock.ts";
import { LifeboatError } from "../../engine/errors.ts";
import type { MediaWorkerStarter } from "../../engine/backup/media_workers.ts";
import type { MediaStarter } from "../../engine/maintenance/resume_media.ts";
import { growingDelayMs, retry, type RetryRules } from "../../engine/retry.ts";

export interface FunctionCallerSettings {
  /** Without a slash at its end. */
  readonly supabaseUrl: string;
  /** A secret key; sent as `apikey`. */
  readonly secretKey: string;
}

/** The function answers 202 at once, but a cold start takes seconds. */
const TIMEOUT_MS = 30_000;
const RULES: RetryRules = {
  tries: 3,
  mayPass: (error) => error instanceof LifeboatError && error.kind === "transient",
  delayMs: growingDelayMs,
};

/** Calls `backup-media` over HTTP, to start the copy of a recovery point or to add a worker to a run. */
export function createMediaCaller(
  { supabaseUrl, secretKey }: FunctionCallerSettings,
): MediaStarter & MediaWorkerStarter {
  const url = `${supabaseUrl}/functions/v1/backup-media`;
  const call = (body: object, signal?: AbortSignal) =>
    retry(systemClock, RULES, () => start(url, secretKey, body, signal), signal);
  return {
    startMedia: (point, signal) => call({ point: point.recoveryPoint }, signal),
    joinMedia: (join, signal) => call({ join }, signal),
  };
}

/** Conflicts that are no failure: a run will take this recovery point later, or enough workers are running. */
const FINE_CONFLICTS = ["media_queued", "worker_not_needed"];

async function start(url: string, secretKey: string, body: object, signal?: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", apikey: secretKey },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw notStarted("transient", "did not answer", cause);
  }
  const text = await response.text();
  if (response.ok) return;
  if (response.status === 409) {
    if (FINE_CONFLICTS.some((code) => text.includes(`"${code}"`))) return;
    throw alreadyRunning(text);
  }
  throw notStarted(response.status < 500 ? "permanent" : "transient", `answered ${response.status}`);
}

function notStarted(kind: "transient" | "permanent", what: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "media_not_started",
    kind,
    message: `The function backup-media ${what}.`,
    hint: "Check that it is deployed (supabase functions deploy backup-media) and read its log.",
    operation: "backup.start_media",
    cause,
  });
}

function alreadyRunning(body: string): LifeboatError {
  return new LifeboatError({
    code: "already_running",
    kind: "conflict",
    message: "Another media backup is at work; this point's files are copied after it.",
    hint: "Nothing needs to be done: maintenance starts it within ten minutes.",
    operation: "backup.start_media",
    cause: body,
  });
}
