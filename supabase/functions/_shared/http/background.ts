/** What the platform's runtime adds to Deno. It is absent where functions run on plain Deno. */
interface EdgeRuntimeGlobal {
  readonly EdgeRuntime?: { waitUntil?(promise: Promise<unknown>): void };
}

/**
 * Lets work go on after the answer was sent: `EdgeRuntime.waitUntil` keeps the worker until the work settles or a limit
 * of the worker ends it. https://supabase.com/docs/guides/functions/background-tasks
 *
 * A rejection goes to `onFailure`: unhandled, it would end the worker and every other request in it.
 */
export function runInBackground(work: Promise<unknown>, onFailure: (error: unknown) => void): void {
  const settled = work.then(() => {}, onFailure);
  (globalThis as EdgeRuntimeGlobal).EdgeRuntime?.waitUntil?.(settled);
}

/** Longest that `{"wait": true}` waits, in milliseconds: the platform answers 504 after 150 s. */
export const LONGEST_WAIT_MS = 100_000;

export type Waited<Value> = { readonly settled: true; readonly value: Value } | { readonly settled: false };

/** Waits at most `timeoutMs` for work, which goes on afterwards. Rejects when the work does. */
export async function waitAtMost<Value>(
  work: Promise<Value>,
  timeoutMs: number = LONGEST_WAIT_MS,
): Promise<Waited<Value>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Waited<Value>>((resolve) => {
    timer = setTimeout(() => resolve({ settled: false }), timeoutMs);
  });
  try {
    return await Promise.race([work.then((value) => ({ settled: true as const, value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
