import { type Clock, systemClock } from "../../supabase/functions/_shared/engine/clock.ts";

/**
 * Imitates a process that is stopped for a while, as by SIGSTOP or by a machine that sleeps. Meanwhile it sends
 * nothing, reads no answer and its timers stand still, while time goes on for everybody else. Then all of it happens at
 * once.
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

  /** Resolves when the process runs. To be awaited before anything is sent, and before an answer is read. */
  async running(): Promise<void> {
    while (this.#resumed) await this.#resumed;
  }

  /** Sends something once the process runs, and returns the answer once it runs again. */
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
