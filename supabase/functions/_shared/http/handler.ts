import type { z } from "zod";
import { asLifeboatError, LifeboatError } from "../engine/errors.ts";
import type { Caller } from "./authenticate.ts";
import { answerPreflight, corsHeaders, isPreflight } from "./cors.ts";
import { errorResponse, statusOf } from "./error_response.ts";
import { readBody } from "./read_body.ts";

/** How a function tells who calls it. */
export interface Access {
  readonly allowedOrigins: "*" | readonly string[];
  /** Who is calling. Throws `not_authenticated`, `invalid_token`, `not_admin`; anything else means that it cannot be told. */
  authenticate(request: Request): Promise<Caller>;
  /** Hides known secrets in a text. */
  redact(text: string): string;
}

export interface Endpoint<Body> {
  readonly methods: readonly ("GET" | "POST")[];
  /** Absent: the body is not read. */
  readonly body?: z.ZodType<Body>;
  /** Asked for each request, so that a wrong configuration becomes an answer instead of a function that does not start. */
  access(): Access;
  /** Called for callers that are allowed to call. What it throws becomes the error body. */
  handle(call: Call<Body>): Promise<Response>;
  /** Where failures are told to the owner: the function's log unless given. */
  log?(line: string): void;
}

export interface Call<Body> {
  readonly request: Request;
  readonly caller: Caller;
  readonly body: Body;
}

/**
 * A function of the project as a fetch handler: preflight, method, who is calling, body, the work itself, error body.
 * It never rejects. Whether a call may be repeated is up to `handle`.
 */
export function createHandler<Body = undefined>(endpoint: Endpoint<Body>): (request: Request) => Promise<Response> {
  return async (request) => {
    let access: Access | undefined;
    const origin = request.headers.get("origin");
    try {
      access = endpoint.access();
      const cors = corsHeaders(access.allowedOrigins, origin);
      if (isPreflight(request)) return answerPreflight(cors, endpoint.methods);
      return finish(await answer(endpoint, access, request), cors);
    } catch (error) {
      const redact = access?.redact ?? ((text: string) => text);
      report(error, redact, endpoint.log ?? console.error);
      const response = errorResponse(error, redact);
      if (response.status === 405) response.headers.set("allow", [...endpoint.methods, "OPTIONS"].join(", "));
      // Without a configuration nobody is let in, so that any page may read the reason.
      return finish(response, corsHeaders(access?.allowedOrigins ?? "*", origin));
    }
  };
}

async function answer<Body>(endpoint: Endpoint<Body>, access: Access, request: Request): Promise<Response> {
  if (!endpoint.methods.some((method) => method === request.method)) {
    throw new LifeboatError({
      code: "method_not_allowed",
      kind: "permanent",
      message: "This function does not answer this HTTP method.",
      hint: `Use ${endpoint.methods.join(" or ")}.`,
    });
  }
  const caller = await access.authenticate(request);
  const body = endpoint.body ? await readBody(request, endpoint.body) : undefined as Body;
  return await endpoint.handle({ request, caller, body });
}

function finish(answered: Response, headers: Record<string, string>): Response {
  // A response that came from fetch or Response.redirect has headers that cannot be changed.
  const response = new Response(answered.body, answered);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

/** Refused callers are not logged: anybody can produce them, and the log holds 100 lines in ten seconds. */
function report(thrown: unknown, redact: (text: string) => string, log: (line: string) => void): void {
  const error = asLifeboatError(thrown);
  if (statusOf(error) < 500) return;
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? error.cause}` : "";
  log(redact(`${error.code}${error.operation ? ` in ${error.operation}` : ""}: ${error.message}${cause}`));
}
