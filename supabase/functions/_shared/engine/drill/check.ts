import type { DrillDetails } from "../../contract/mod.ts";
import { asLifeboatError } from "../errors.ts";
import { safeText } from "../run/safe_text.ts";

export type CheckResult = DrillDetails["checks"][number];

/**
 * Runs one check. The check fails when `work` throws, with the error as its reason; a text that `work` returns becomes
 * a remark. Throws the signal's reason when the drill is aborted.
 */
export async function check(
  name: string,
  work: () => Promise<string | void>,
  signal: AbortSignal,
): Promise<CheckResult> {
  signal.throwIfAborted();
  try {
    return { name, passed: true, reason: await work() ?? null };
  } catch (error) {
    signal.throwIfAborted();
    return { name, passed: false, reason: reasonOf(error) };
  }
}

/** The message of an error, without secrets. */
export function reasonOf(error: unknown): string {
  return safeText(error instanceof Error ? error.message : asLifeboatError(error).message, 1_000);
}
