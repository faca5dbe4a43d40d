import { type AccessConfiguration, createRedactor, type Secret } from "../config/mod.ts";
import { authenticate, type Directory } from "./authenticate.ts";
import type { Access } from "./handler.ts";

/** Longest that authentication may take, in milliseconds: the Auth API, connecting to the database, and its answer. */
const TIMEOUT_MS = 15_000;

/** What `createHandler` needs to let callers in. */
export function createAccess(
  { allowedOrigins, secretKeys, databaseUrl }: AccessConfiguration,
  directory: Directory,
  /** Further secrets to hide in answers. */
  secrets: readonly Secret[] = [],
): Access {
  return {
    allowedOrigins,
    redact: createRedactor([databaseUrl, ...secretKeys, ...secrets]),
    authenticate: (request) => authenticate(request.headers, directory, AbortSignal.timeout(TIMEOUT_MS)),
  };
}
