import { type Clock, systemClock } from "../../supabase/functions/_shared/engine/clock.ts";

/**
 * A process that can be stopped for a while, as by SIGSTOP or a machine that sleeps: it sends nothing, answers wait to be
 * read and its timers stand still, while everybody else's time goes on. Then all of it happens at once.
 */
export class PausableProcess {
  #resumed: Promise<void> | undefined;

  get paused(): boolean {
    return this.#resumed !== undefined;
  }

  /** Stops it, unless it is stopped, until `resumed` has settled. */
  pause(resumed: Promise<unknown>): void {
    this.#resumed ??= resumed.then(() => this.#resumed = undefined);
  }

  /** To be awaited before whatever goes out, and before whatever came in is seen. */
  async running(): Promise<void> {
    while (this.#resumed) await this.#resumed;
  }

  /** What goes out when the process runs; its answer is seen when it runs again. */
  async pass<Result>(effect: () => Promise<Result>): Promise<Result> {
    await this.running();
    try {
      return await effect();
    } finally {
      await this.running();
    }
  }

  readonly clock: Clock = {
    now: () => systemClock.now(),
    sleep: (ms, signal) => this.pass(() => systemClock.sleep(ms, signal)),
  };
}
