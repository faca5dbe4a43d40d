import type { DrillDetails } from "../../contract/mod.ts";
import { asLifeboatError } from "../errors.ts";
import { safeText } from "../run/safe_text.ts";

export type CheckResult = DrillDetails["checks"][number];

/**
 * Runs one check. What `work` throws is the reason of a failure, what it returns a remark. An aborted drill rejects.
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

/** The reason of an error, in words that hold no secret. */
export function reasonOf(error: unknown): string {
  return safeText(error instanceof Error ? error.message : asLifeboatError(error).message, 1_000);
}
