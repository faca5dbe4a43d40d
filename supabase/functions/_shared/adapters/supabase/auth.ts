import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuthError, User } from "@supabase/supabase-js";
import { LifeboatError } from "../../engine/errors.ts";

export interface SupabaseAuthOptions {
  readonly supabaseUrl: string;
  /** Sent as `apikey` to the Auth API; any key of the project will do. */
  readonly publicKey: string;
  readonly secretKeys: readonly string[];
  readonly legacyServiceRoleKey?: string;
  /** Milliseconds until a silent Auth API counts as unavailable. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface SupabaseAuth {
  isSecretKey(candidate: string): Promise<boolean>;
  isLegacyServiceRoleKey(candidate: string): Promise<boolean>;
  userOf(token: string, signal?: AbortSignal): Promise<{ readonly id: string; readonly email?: string }>;
}

/** Greatest length of a token that is looked up, in characters. Proxies limit headers to 8 to 16 KiB. */
const LONGEST_TOKEN = 8_192;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Authentication by the project itself. Keys are compared in constant time. The Auth API looks users up, because it knows
 * both kinds of tokens and who has logged out; docs/DECISIONS.md says why `@supabase/server` is not used.
 */
export function createSupabaseAuth(options: SupabaseAuthOptions): SupabaseAuth {
  const { supabaseUrl, publicKey, secretKeys, legacyServiceRoleKey, timeoutMs = 10_000 } = options;
  const bearerKeys = legacyServiceRoleKey && JWT.test(legacyServiceRoleKey) ? [legacyServiceRoleKey] : [];
  return {
    isSecretKey: (candidate) => Promise.resolve(isOneOf(candidate, secretKeys)),
    isLegacyServiceRoleKey: (candidate) => Promise.resolve(isOneOf(candidate, bearerKeys)),
    async userOf(token, signal) {
      if (token.length > LONGEST_TOKEN || !JWT.test(token)) throw invalidToken();
      const timeout = AbortSignal.timeout(timeoutMs);
      // The library is loaded here because cron and the functions call with a key, and only users with a token.
      const { createClient } = await import("@supabase/supabase-js");
      const client = createClient(supabaseUrl, publicKey, {
        auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
        global: {
          fetch: (input, init) =>
            fetchWhole(input, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout }),
        },
      });
      const { data, error } = await client.auth.getUser(token);
      if (error) throw classify(error);
      if (!data.user?.id) throw unavailable(undefined);
      if (isBanned(data.user)) throw invalidToken();
      return { id: data.user.id, ...(data.user.email && { email: data.user.email }) };
    },
  };
}

/**
 * Reads the body of every answer. auth-js does not read those of 5xx answers, which leaks connections on Deno 2.1.4.
 */
async function fetchWhole(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.ok) return response;
  const { status, headers } = response;
  return new Response(await response.text() || null, { status, headers });
}

/** Keys that nobody outside this process can foresee: HMACs under them tell nothing of what was compared. */
const comparing = randomBytes(32);

/**
 * Compares in constant time: both sides are turned into HMACs first, so that not even their length tells, and every key is
 * compared, so that not even the place of the right one does.
 */
function isOneOf(candidate: string, keys: readonly string[]): boolean {
  const hmac = (text: string) => createHmac("sha256", comparing).update(text).digest();
  const given = hmac(candidate);
  return keys.filter((key) => timingSafeEqual(hmac(key), given)).length > 0;
}

/** Classifies a refusal. GoTrue refuses a token with 401 or 403, and supabase-js turns `session_not_found` into 400. */
function classify(error: AuthError): LifeboatError {
  const aboutOurKey = /\bapi ?key\b/i.test(error.message);
  const refused = error.status === 401 || error.status === 403 || error.name === "AuthSessionMissingError";
  return refused && !aboutOurKey ? invalidToken() : unavailable(error);
}

/** The tokens of a banned user stay valid until they expire. */
function isBanned({ banned_until: until }: User): boolean {
  return until !== undefined && Date.parse(until) > Date.now();
}

function invalidToken(): LifeboatError {
  return new LifeboatError({
    code: "invalid_token",
    kind: "refused",
    message: "The token that was sent is not valid, or no longer.",
    hint: "Sign in again.",
    operation: "auth.get_user",
  });
}

function unavailable(cause: AuthError | undefined): LifeboatError {
  return new LifeboatError({
    code: "auth_unavailable",
    kind: "transient",
    message: `Who you are could not be found out: the Auth API ${
      cause?.status ? `answered ${cause.status}` : "did not answer as expected"
    }.`,
    hint: "Try again in a minute; if it stays so, look at the state of the project's Auth service.",
    operation: "auth.get_user",
    cause,
  });
}
