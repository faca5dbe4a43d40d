/**
 * How a caller should treat a failure. `missing` and `refused` are answers of the other side; `transient` is worth
 * another try, `permanent` is not; `conflict` means that another process was first. A failure of unknown kind is
 * `permanent`: unknown never reads as "not there".
 */
export type FailureKind = "missing" | "refused" | "conflict" | "transient" | "permanent";

export interface FailureDetails {
  /** Stable, lower snake case, documented in docs/ERRORS.md. Callers and tests may compare it. */
  readonly code: string;
  readonly kind: FailureKind;
  /** One sentence in plain words. Never holds a secret, a token or a signed URL. */
  readonly message: string;
  /** What to do next, one sentence in plain words. */
  readonly hint: string;
  /** The operation that failed, for example `s3.put`. */
  readonly operation?: string;
  /** The thing that it was applied to, for example an S3 key or a table. */
  readonly subject?: string;
  readonly cause?: unknown;
}

/** The one error type of the engine. Any other error is a defect and is reported as `internal_error`. */
export class LifeboatError extends Error {
  readonly code: string;
  readonly kind: FailureKind;
  readonly hint: string;
  readonly operation?: string;
  readonly subject?: string;

  constructor(details: FailureDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "LifeboatError";
    this.code = details.code;
    this.kind = details.kind;
    this.hint = details.hint;
    this.operation = details.operation;
    this.subject = details.subject;
  }
}

/** True when `error` is a LifeboatError with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): error is LifeboatError {
  return error instanceof LifeboatError && codes.includes(error.code);
}

/** Any thrown value as a LifeboatError, so that history, email and HTTP always have a code, a sentence and a hint. */
export function asLifeboatError(error: unknown, operation?: string): LifeboatError {
  if (error instanceof LifeboatError) return error;
  return new LifeboatError({
    code: "internal_error",
    kind: "permanent",
    message: `Something failed that Lifeboat did not expect: ${error instanceof Error ? error.message : String(error)}`,
    hint:
      "Nothing that was stored before is harmed. Run the backup again; if it fails again, report it with this text.",
    operation,
    cause: error,
  });
}
