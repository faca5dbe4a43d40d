import { LifeboatError } from "../../engine/errors.ts";
import type { DumpStepStarter } from "../../engine/dump/chain_host.ts";
import type { DumpStarter } from "../../engine/maintenance/mod.ts";
import type { FunctionCallerSettings } from "./function_caller.ts";

/** A cold start, the import of the snapshot and two round trips take seconds; the lease of a run lasts 60 s. */
const TIMEOUT_MS = 20_000;
/** Error codes of the started invocation on which its starter decides how to go on. */
const ANSWERS = ["step_taken", "snapshot_lost", "lock_timeout", "configuration_invalid", "not_authenticated"];

/** Calls `database-backup` over HTTP from one of its own invocations. */
export function createDumpCaller({ supabaseUrl, secretKey }: FunctionCallerSettings): DumpStepStarter & DumpStarter {
  const call = async (body: object, signal?: AbortSignal): Promise<void> => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(`${supabaseUrl}/functions/v1/database-backup`, {
        method: "POST",
        headers: { "content-type": "application/json", apikey: secretKey },
        body: JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw notStarted("did not answer", cause);
    }
    const text = await response.text();
    if (!response.ok) throw refusal(text) ?? notStarted(`answered ${response.status}`);
  };
  return {
    startDumpStep: (request, signal) => call({ continue: request }, signal),
    startDump: ({ trigger, label, pinned }, signal) =>
      call({ trigger, ...label !== null && { label }, ...pinned && { pinned } }, signal),
  };
}

/** The error in the started invocation's answer, when its code is one of `ANSWERS`. */
function refusal(text: string): LifeboatError | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { code, message, hint } = (said ?? {}) as Record<string, unknown>;
  if (typeof code !== "string" || !ANSWERS.includes(code)) return undefined;
  return new LifeboatError({
    code,
    kind: code === "step_taken" ? "conflict" : "transient",
    message: String(message),
    hint: String(hint),
    operation: "dump.start_step",
  });
}

function notStarted(what: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "step_not_started",
    kind: "transient",
    message: `The function database-backup ${what} when it was to go on with a dump.`,
    hint: "Read its log. A dump that could not go on is started anew at the next schedule, or by hand.",
    operation: "dump.start_step",
    cause,
  });
}
