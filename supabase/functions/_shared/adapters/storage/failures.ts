import { LifeboatError } from "../../engine/errors.ts";

/**
 * Turns Storage's answer into an error. Storage reports "not found" as 404, or as 400 with `statusCode: "404"` in the
 * body, and a bad key as 400 with `statusCode: "403"` (https://supabase.com/docs/guides/storage/debugging/error-codes).
 * A bare 404 without JSON may come from a gateway that does not know Storage, and says nothing about the object.
 */
export function storageFailure(status: number, text: string, operation: string, subject: string): LifeboatError {
  const body = parse(text);
  const meant = Number(body?.statusCode ?? status);
  const detail = body?.message ? `: ${body.message.slice(0, 300)}` : "";
  const shared = { operation, subject };

  if (body && (meant === 404 || MISSING_CODES.includes(body.code ?? body.error ?? ""))) {
    return new LifeboatError({
      code: "source_object_missing",
      kind: "missing",
      message: `Storage has no such object${detail}.`,
      hint: "It was deleted, or its bytes were lost.",
      ...shared,
    });
  }
  if (status === 401 || status === 403 || meant === 401 || meant === 403) {
    return new LifeboatError({
      code: "source_refused",
      kind: "refused",
      message: `Storage refused the key of the backup (HTTP ${status})${detail}.`,
      hint: "Check the project's secret key: it may have been rotated.",
      ...shared,
    });
  }
  if (status === 408 || status === 429 || status >= 500 || meant === 429 || meant >= 500) {
    return new LifeboatError({
      code: "source_unavailable",
      kind: "transient",
      message: `Storage could not answer (HTTP ${status})${detail}.`,
      hint: "The next run tries again. If it stays, look at the project's Storage logs.",
      ...shared,
    });
  }
  return new LifeboatError({
    code: "source_failed",
    kind: "permanent",
    message: `Storage answered in a way that Lifeboat does not know (HTTP ${status})${detail}.`,
    hint: "Check that the project's address is right and that Storage is switched on.",
    ...shared,
  });
}

/**
 * The error when no answer came, because of a broken connection, an unknown host, or silence. The address is left out,
 * since it may hold a key.
 */
export function unansweredFailure(
  cause: unknown,
  stalled: boolean,
  stallTimeoutMs: number,
  operation: string,
  subject: string,
): LifeboatError {
  const why = stalled
    ? `sent nothing for ${stallTimeoutMs / 1000} s`
    : `broke the connection (${cause instanceof Error ? cause.message.slice(0, 200) : "unknown"})`;
  return new LifeboatError({
    code: "source_unavailable",
    kind: "transient",
    message: `Storage ${why}.`,
    hint: "The next run tries again. If it stays, look at the project's Storage logs.",
    operation,
    subject,
    cause,
  });
}

/** The error when the key is accepted but shows no bucket at all. */
export function seesNothingFailure(subject: string): LifeboatError {
  return new LifeboatError({
    code: "source_refused",
    kind: "refused",
    message: "The key of the backup sees no bucket in Storage, so it is not the project's secret key.",
    hint: "Give the backup the project's secret key (sb_secret_… or the service role key).",
    operation: "storage.check",
    subject,
  });
}

/** The error when a body is shorter than its answer announced. */
export function cutOffFailure(expectedBytes: number, readBytes: number, subject: string): LifeboatError {
  return new LifeboatError({
    code: "source_unavailable",
    kind: "transient",
    message: `Storage ended the file after ${readBytes} of ${expectedBytes} bytes.`,
    hint: "The next run tries again. If it stays, look at the project's Storage logs.",
    operation: "storage.read",
    subject,
  });
}

const MISSING_CODES = ["not_found", "NoSuchKey", "NoSuchBucket", "NoSuchUpload"];

interface StorageError {
  readonly statusCode?: string | number;
  readonly code?: string;
  readonly error?: string;
  readonly message?: string;
}

function parse(text: string): StorageError | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as StorageError : undefined;
  } catch {
    return undefined;
  }
}
