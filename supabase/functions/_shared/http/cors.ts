/** Headers that supabase-js sends; a test compares the list with `@supabase/supabase-js/cors`. */
const ALLOWED_HEADERS = "authorization, x-client-info, apikey, content-type, x-retry-count";

/** Browsers keep a preflight's answer for two hours at most; an origin that was removed stays allowed for this long. */
const PREFLIGHT_SECONDS = 3_600;

/**
 * The headers that let a page read an answer. `*` is safe here: callers are authenticated by headers that a page must
 * set itself (`apikey`, `Authorization`), never by cookies, so a foreign page has no credentials to misuse. Narrower
 * origins only keep a stolen token from being used in a browser.
 */
export function corsHeaders(allowed: "*" | readonly string[], origin: string | null): Record<string, string> {
  if (allowed === "*") return { "access-control-allow-origin": "*", ...EXPOSED_HEADERS };
  if (origin === null || !allowed.includes(origin)) return { vary: "origin" };
  return { "access-control-allow-origin": origin, vary: "origin", ...EXPOSED_HEADERS };
}

const EXPOSED_HEADERS = { "access-control-expose-headers": "retry-after" };

/** Whether a browser asks for permission to send a request. An OPTIONS request without these headers is none. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("origin") &&
    request.headers.has("access-control-request-method");
}

/** Answers a preflight. It is the same for everybody and needs no authentication. */
export function answerPreflight(cors: Record<string, string>, methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": String(PREFLIGHT_SECONDS),
    },
  });
}
