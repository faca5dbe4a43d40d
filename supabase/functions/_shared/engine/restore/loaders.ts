import type { Session } from "../database.ts";
import type { RestoreSteps } from "./restore_state.ts";

/** A session that loads rows, with the restore's steps as that session marks them. */
export interface Loader {
  readonly session: Session;
  readonly steps: RestoreSteps;
}

/** A pool of sessions that load rows. Work waits in order until a session is free. */
export class Loaders {
  readonly #free: Loader[];
  readonly #waiting: ((loader: Loader) => void)[] = [];

  constructor(loaders: readonly Loader[]) {
    this.#free = [...loaders];
  }

  async run<Result>(work: (loader: Loader) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const loader = this.#free.shift() ?? await new Promise<Loader>((resolve) => this.#waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await work(loader);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(loader);
      else this.#free.push(loader);
    }
  }
}

/**
 * Runs all `works` at once and returns when all have settled, so that nothing still writes when the first failure is
 * reported. The first failure aborts the others' `signal`.
 */
export async function allSettledOrFirstFailure(
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(works.map(async (work) => {
    try {
      await work(either);
    } catch (error) {
      failure ??= { error };
      stop.abort(error);
    }
  }));
  if (failure) throw failure.error;
}
