/** What the platform's runtime adds to Deno; absent where functions run on plain Deno. */
interface EdgeRuntimeGlobal {
  readonly EdgeRuntime?: { waitUntil?(promise: Promise<unknown>): void };
}

/** On plain Deno nothing else holds on to work whose request was answered. */
const running = new Set<Promise<void>>();

/**
 * Lets work go on after the answer was sent: `EdgeRuntime.waitUntil` keeps the worker until it settles or a limit of the
 * worker ends it. https://supabase.com/docs/guides/functions/background-tasks
 *
 * A rejection is handed to `onFailure`: left alone it would end the worker, and other requests with it.
 */
export function runInBackground(work: Promise<unknown>, onFailure: (error: unknown) => void): void {
  const settled = work.then(() => {}, onFailure);
  const { EdgeRuntime } = globalThis as EdgeRuntimeGlobal;
  if (EdgeRuntime?.waitUntil) return EdgeRuntime.waitUntil(settled);
  running.add(settled);
  settled.finally(() => running.delete(settled));
}

/** Resolves when everything that `runInBackground` holds has settled: for an orderly end of a process. */
export async function backgroundSettled(): Promise<void> {
  while (running.size > 0) await Promise.all(running);
}

/** Longest that `{"wait": true}` waits, in milliseconds: the platform answers 504 at 150 s. */
export const longestWaitMs = 100_000;

export type Waited<Value> = { readonly settled: true; readonly value: Value } | { readonly settled: false };

/** Waits for work, but not longer than `timeoutMs`; the work goes on. Rejects as the work does. */
export async function waitAtMost<Value>(
  work: Promise<Value>,
  timeoutMs: number = longestWaitMs,
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
