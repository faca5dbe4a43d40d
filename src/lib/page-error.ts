import type { z } from "zod";

/** An error for people: a sentence, what to do about it, and a code to look up. */
export class PageError extends Error {
  readonly code: string;
  readonly hint: string;
  /** The run that is in the way, given with `already_running`. */
  readonly runId: string | undefined;

  constructor(
    { code, message, hint, runId, cause }: {
      code: string;
      message: string;
      hint: string;
      runId?: string;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.name = "PageError";
    this.code = code;
    this.hint = hint;
    this.runId = runId;
  }
}

export function asPageError(error: unknown): PageError {
  if (error instanceof PageError) return error;
  return new PageError({
    code: "unexpected",
    message: error instanceof Error && error.message
      ? error.message
      : "Something failed that this page did not expect.",
    hint: "Try again. If it stays, reload the page.",
    cause: error,
  });
}

/** Parses an answer. Throws `PageError` for one that this version of the page does not understand. */
export function parseAnswer<Answer>(schema: z.ZodType<Answer>, value: unknown, what: string): Answer {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new PageError({
    code: "unknown_answer",
    message: `${what} came in a form that this page does not know (${issue.path.join(".")}: ${issue.message}).`,
    hint: "The page and the functions may be of different versions. Deploy both from the same release, then reload.",
    cause: read.error,
  });
}
