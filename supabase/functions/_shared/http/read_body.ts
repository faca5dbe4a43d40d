import type { z } from "zod";
import { LifeboatError } from "../engine/errors.ts";

/** Larger than any sensible request; a function has 256 MB for everything that it does. */
const MAXIMUM_BYTES = 65_536;

/**
 * Parses the body of a request. An empty one counts as `{}`. The content type is ignored, because callers such as cron
 * jobs set it wrongly.
 *
 * Throws `body_too_large` and `bad_request`, whose message names every problem.
 */
export async function readBody<Body>(request: Request, schema: z.ZodType<Body>): Promise<Body> {
  const text = await readText(request);
  let json: unknown;
  try {
    json = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw badRequest(["the body is not valid JSON"]);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw badRequest(
    result.error.issues.map(({ path, message }) => path.length ? `${path.join(".")}: ${message}` : message),
  );
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let received = 0;
  try {
    for await (const bytes of request.body ?? []) {
      received += bytes.byteLength;
      // Leaving the loop cancels the stream, so the rest is not read.
      if (received > MAXIMUM_BYTES) throw tooLarge();
      text += decoder.decode(bytes, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    throw badRequest([error instanceof TypeError ? "the body is not valid UTF-8" : "the body could not be read"]);
  }
}

function tooLarge(): LifeboatError {
  return new LifeboatError({
    code: "body_too_large",
    kind: "permanent",
    message: `The body of the request is larger than ${MAXIMUM_BYTES / 1024} KiB.`,
    hint: "Send only the fields that the documentation of this function names.",
  });
}

/** Lists at most a few problems, since the names of unknown fields can be as long as the caller likes. */
function badRequest(problems: readonly string[]): LifeboatError {
  const shown = problems.slice(0, 20).map((problem) => problem.slice(0, 200));
  return new LifeboatError({
    code: "bad_request",
    kind: "permanent",
    message: `The request is not understood: ${shown.join("; ")}.`,
    hint: "Correct the body of the request; an empty body means all defaults.",
  });
}
