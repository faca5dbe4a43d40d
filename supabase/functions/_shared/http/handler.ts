import type { z } from "zod";
import { asLifeboatError, LifeboatError } from "../engine/errors.ts";
import type { Caller } from "./authenticate.ts";
import { answerPreflight, corsHeaders, isPreflight } from "./cors.ts";
import { errorResponse, statusOf } from "./error_response.ts";
import { readBody } from "./read_body.ts";

export interface Access {
  readonly allowedOrigins: "*" | readonly string[];
  /** The caller. Throws `not_authenticated`, `invalid_token`, `not_admin`; any other error: it cannot be known. */
  authenticate(request: Request): Promise<Caller>;
  /** Hides known secrets in a text. */
  redact(text: string): string;
}

export interface Endpoint<Body> {
  readonly methods: readonly ("GET" | "POST")[];
  /** Without it the request's body is not read. */
  readonly body?: z.ZodType<Body>;
  /**
   * Called for each request, so that a wrong configuration is answered and does not keep the function from starting.
   */
  access(): Access;
  /** Called for authenticated callers only. An error that it throws becomes the error body. */
  handle(call: Call<Body>): Promise<Response>;
  /** Receives failures; the function's log unless given. */
  log?(line: string): void;
}

export interface Call<Body> {
  readonly request: Request;
  readonly caller: Caller;
  readonly body: Body;
}

/**
 * Makes a fetch handler from an endpoint: preflight, method, authentication, body, the work itself, error body. It
 * never rejects. Whether a call may be repeated depends on `handle`.
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
      // Without a configuration every caller is refused, so every page may read the reason.
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
  // The headers of a response from fetch or Response.redirect are immutable.
  const response = new Response(answered.body, answered);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

/** Refused callers are not logged: anybody can send such requests, and the log holds 100 lines in ten seconds. */
function report(thrown: unknown, redact: (text: string) => string, log: (line: string) => void): void {
  const error = asLifeboatError(thrown);
  if (statusOf(error) < 500) return;
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? error.cause}` : "";
  log(redact(`${error.code}${error.operation ? ` in ${error.operation}` : ""}: ${error.message}${cause}`));
}
