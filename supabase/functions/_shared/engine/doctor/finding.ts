import { asLifeboatError } from "../errors.ts";

/** `warning` means that backups work but something needs attention, `broken` that something does not work. */
export type Verdict = "ok" | "warning" | "broken" | "skipped";

/** What one check found. */
export interface Finding {
  /** Stable name for machines, such as `database.clock`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** A sentence. Never holds a secret. */
  readonly message: string;
  /** How to repair it; given with `warning` and `broken`. */
  readonly mend?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, verdict: "ok", message };
}

export function warning(check: string, message: string, mend: string): Finding {
  return { check, verdict: "warning", message, mend };
}

export function broken(check: string, message: string, mend: string): Finding {
  return { check, verdict: "broken", message, mend };
}

export function skipped(check: string, message: string): Finding {
  return { check, verdict: "skipped", message };
}

/** Runs one check. Its failure becomes a finding, so that the other checks still run. */
export async function examine(
  check: string,
  work: () => Promise<Finding | readonly Finding[]>,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const { message, hint, code } = asLifeboatError(error, check);
    return [broken(check, `${message} (${code})`, hint)];
  }
}
