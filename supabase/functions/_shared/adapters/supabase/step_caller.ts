import { LifeboatError } from "../../engine/errors.ts";
import type { FunctionCallerSettings } from "./function_caller.ts";

/** A cold start and some round trips to the database take seconds; the lease of a run lasts 60 s. */
const TIMEOUT_MS = 20_000;
/** Error codes of the started invocation on which its starter decides how to go on. */
const ANSWERS = ["step_taken", "snapshot_lost", "lock_timeout", "configuration_invalid", "not_authenticated"];

/**
 * Calls a function over HTTP from one of its own invocations, to go on with a run. Throws the errors of `ANSWERS` that it
 * answered with, and `step_not_started` (transient). May be repeated.
 */
export async function callForStep(
  { supabaseUrl, secretKey }: FunctionCallerSettings,
  name: string,
  body: object,
  signal?: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${supabaseUrl}/functions/v1/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", apikey: secretKey },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw notStarted(name, "did not answer", cause);
  }
  if (!response.ok) throw refusal(name, text) ?? notStarted(name, `answered ${response.status}`);
}

/** The error in the started invocation's answer, when its code is one of `ANSWERS`. */
function refusal(name: string, text: string): LifeboatError | undefined {
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
    operation: `${name}.start_step`,
  });
}

function notStarted(name: string, what: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "step_not_started",
    kind: "transient",
    message: `The function ${name} ${what} when it was to go on with a run.`,
    hint: "Read its log. A run that could not go on is started anew by maintenance, at the next schedule, or by hand.",
    operation: `${name}.start_step`,
    cause,
  });
}
