import type { ErrorBody } from "../contract/mod.ts";
import { asLifeboatError, type FailureKind, type LifeboatError } from "../engine/errors.ts";

/** Errors that are about the request itself. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  bad_request: 400,
  not_authenticated: 401,
  invalid_token: 401,
  not_admin: 403,
  method_not_allowed: 405,
  body_too_large: 413,
};

/**
 * Statuses of errors that happened behind the function. `refused` is not 403, because S3 or the database refused
 * Lifeboat and not the caller. An unknown outcome is never 404.
 */
const STATUS_BY_KIND: Readonly<Record<FailureKind, number>> = {
  missing: 404,
  conflict: 409,
  refused: 503,
  transient: 503,
  permanent: 500,
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The HTTP status for an error. */
export function statusOf(error: LifeboatError): number {
  return STATUS_BY_CODE[error.code] ?? STATUS_BY_KIND[error.kind];
}

/**
 * Any thrown value as `{code, message, hint}`. `runId` is the subject of `already_running`. The text of an unexpected
 * error may give secrets away and stands only in the log.
 */
export function errorResponse(thrown: unknown, redact: (text: string) => string): Response {
  const error = asLifeboatError(thrown);
  const expected = error.code !== "internal_error";
  const body: ErrorBody = {
    code: error.code,
    message: expected ? redact(error.message) : "Something failed that Lifeboat did not expect.",
    hint: expected
      ? redact(error.hint)
      : "Nothing that was stored before is harmed. Look at the function's log for the reason, and try again.",
    ...(error.code === "already_running" && UUID.test(error.subject ?? "") && { runId: error.subject }),
  };
  return Response.json(body, { status: statusOf(error) });
}
