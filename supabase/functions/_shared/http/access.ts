import { type AccessConfiguration, createRedactor, type Secret } from "../config/mod.ts";
import { authenticate, type Directory } from "./authenticate.ts";
import type { Access } from "./handler.ts";

/** Longest that telling who is calling may take: both questions, with a connection to the database, in milliseconds. */
const timeoutMs = 15_000;

/** What `createHandler` needs to let callers in. */
export function createAccess(
  { allowedOrigins, secretKeys, databaseUrl }: AccessConfiguration,
  directory: Directory,
  /** Further secrets that must not show up in an answer. */
  secrets: readonly Secret[] = [],
): Access {
  return {
    allowedOrigins,
    redact: createRedactor([databaseUrl, ...secretKeys, ...secrets]),
    authenticate: (request) => authenticate(request.headers, directory, AbortSignal.timeout(timeoutMs)),
  };
}
