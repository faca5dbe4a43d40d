/** What supabase-js sends; a test compares the list with `@supabase/supabase-js/cors`. */
const allowedHeaders = "authorization, x-client-info, apikey, content-type, x-retry-count";

/** Browsers keep an answer for two hours at most; an origin that was taken off the list stays allowed as long. */
const preflightSeconds = 3_600;

/**
 * The headers that let a page read an answer. `*` is safe here because who calls is told by headers that a page has to
 * set itself (`apikey`, `Authorization`), never by cookies: a foreign page has nothing to ride on, and credentials are
 * not allowed. Narrowing the origins only keeps a stolen token from being used in a browser.
 */
export function corsHeaders(allowed: "*" | readonly string[], origin: string | null): Record<string, string> {
  if (allowed === "*") return { "access-control-allow-origin": "*", ...exposed };
  if (origin === null || !allowed.includes(origin)) return { vary: "origin" };
  return { "access-control-allow-origin": origin, vary: "origin", ...exposed };
}

const exposed = { "access-control-expose-headers": "retry-after" };

/** Whether a browser asks if it may send a request. An OPTIONS request without these headers is no preflight. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("origin") &&
    request.headers.has("access-control-request-method");
}

/** The answer to a preflight: the same whoever asks, and before anything is authenticated. */
export function answerPreflight(cors: Record<string, string>, methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": allowedHeaders,
      "access-control-max-age": String(preflightSeconds),
    },
  });
}
