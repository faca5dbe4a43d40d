import { LifeboatError } from "../engine/errors.ts";

/** Who calls a function: a holder of one of the project's secret keys (cron, another function), or an admin. */
export type Caller =
  | { readonly kind: "service" }
  | { readonly kind: "admin"; readonly userId: string; readonly email?: string };

/** The questions that authentication asks the project. */
export interface Directory {
  /** Whether this is a secret key of the project. Takes the same time for every wrong key, so timing betrays none. */
  isSecretKey(candidate: string): Promise<boolean>;
  /** Whether this is the legacy service role key, the only one that may be a bearer token. */
  isLegacyServiceRoleKey(candidate: string): Promise<boolean>;
  /**
   * The user that a token belongs to. Throws `invalid_token` (refused) only when the Auth API itself calls the token
   * invalid or expired, and `auth_unavailable` (transient) when it cannot answer.
   */
  userOf(token: string, signal?: AbortSignal): Promise<{ readonly id: string; readonly email?: string }>;
  /** Whether the user has the role `admin`. Throws `admin_check_failed` (transient) when that cannot be known. */
  isAdmin(userId: string, signal?: AbortSignal): Promise<boolean>;
}

/**
 * Tells who is calling. A secret key in the header `apikey` wins; a wrong bearer token is always refused.
 *
 * Throws `not_authenticated`, `invalid_token`, `not_admin` (refused), and what `Directory` throws. May be repeated.
 */
export async function authenticate(headers: Headers, directory: Directory, signal?: AbortSignal): Promise<Caller> {
  const apiKey = headers.get("apikey");
  if (apiKey && await directory.isSecretKey(apiKey)) return { kind: "service" };

  const token = bearerToken(headers);
  // Keys of the new generation (`sb_`) are no tokens, but browser clients send their publishable key as one.
  if (token === undefined || token.startsWith("sb_")) throw notAuthenticated(apiKey !== null || token !== undefined);
  if (await directory.isLegacyServiceRoleKey(token)) return { kind: "service" };

  const user = await directory.userOf(token, signal);
  if (!await directory.isAdmin(user.id, signal)) throw notAdmin();
  return { kind: "admin", userId: user.id, ...(user.email && { email: user.email }) };
}

function bearerToken(headers: Headers): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function notAuthenticated(withKey: boolean): LifeboatError {
  return new LifeboatError({
    code: "not_authenticated",
    kind: "refused",
    message: withKey
      ? "The key that was sent is not a secret key of this project, and nobody is signed in."
      : "Neither a secret key nor the token of a signed-in user was sent.",
    hint:
      "Sign in as an admin, or send a secret key of this project in the apikey header (never in Authorization); after a key was rotated, update the one that cron reads from Vault.",
    operation: "http.authenticate",
  });
}

function notAdmin(): LifeboatError {
  return new LifeboatError({
    code: "not_admin",
    kind: "refused",
    message: "You are signed in, but not as an admin.",
    hint: "Ask an admin of this project to give you the role admin in user_roles.",
    operation: "http.authenticate",
  });
}
