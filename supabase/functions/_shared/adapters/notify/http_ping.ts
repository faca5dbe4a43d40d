import type { Ping } from "../../engine/notify/ping.ts";

/** Greatest length of the reason that is sent, in characters. healthchecks.io keeps 100 kB of a body. */
const LONGEST_REASON = 2_000;

/**
 * Pings a monitor of the kind of healthchecks.io: the address itself for success, its path with `/start` or `/fail`
 * appended otherwise, the query string kept. https://healthchecks.io/docs/http_api/
 *
 * Start and success are GET, which all such monitors accept; a failure is a POST with the reason as its body.
 */
export function createHttpPing(address: string, timeoutMs: number = 5_000): Ping {
  const send = (suffix: string, init: RequestInit, signal?: AbortSignal) =>
    call(withSuffix(address, suffix), init, timeoutMs, signal);
  return {
    start: (signal) => send("/start", {}, signal),
    success: (signal) => send("", {}, signal),
    failure: (reason, signal) =>
      send("/fail", {
        method: "POST",
        body: reason.slice(0, LONGEST_REASON),
        headers: { "content-type": "text/plain; charset=utf-8" },
      }, signal),
  };
}

function withSuffix(address: string, suffix: string): URL {
  const url = new URL(address);
  if (suffix) url.pathname = url.pathname.replace(/\/+$/, "") + suffix;
  return url;
}

/**
 * Returns a warning or nothing. Errors of fetch are not passed on, because they quote the address, which is a secret.
 */
async function call(url: URL, init: RequestInit, timeoutMs: number, signal?: AbortSignal): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    const answer = await response.text();
    if (!response.ok) return warning(url, `answered ${response.status}`);
    // healthchecks.io answers 200 even for unknown checks and dropped pings: "OK (not found)", "OK (rate limited)".
    const refusal = /^OK \((not found|rate limited)\)/.exec(answer)?.[1];
    return refusal && warning(url, `answered "${refusal}"`);
  } catch {
    return warning(url, timeout.aborted ? `did not answer within ${timeoutMs / 1000} s` : "could not be reached");
  }
}

function warning(url: URL, what: string): string {
  return `The monitor at ${url.host} (BACKUP_PING_URL) ${what}, so that it may not know how this backup went.`;
}
