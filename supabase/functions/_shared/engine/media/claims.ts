import type { Budget } from "../run/budget.ts";
import type { ClaimedItem } from "./copy/claimed_item.ts";
import type { MediaQueue } from "./media_queue.ts";

export interface ClaimLimits {
  /** Objects claimed with one statement. Few enough that other invocations find some too. */
  readonly batchObjects: number;
  readonly batchBytes: number;
}

/** The objects of the queue that this invocation has claimed, handed out one by one to whoever copies. */
export class Claims {
  readonly #held = new Map<number, ClaimedItem>();
  readonly #backlog: ClaimedItem[] = [];
  #claiming: Promise<number> | undefined;

  constructor(
    private readonly queue: MediaQueue,
    private readonly budget: Budget,
    private readonly limits: ClaimLimits,
  ) {}

  /** Undefined when none is left, or the budget is spent. */
  async next(): Promise<ClaimedItem | undefined> {
    while (this.#backlog.length === 0) {
      if (this.budget.spent()) return undefined;
      // One statement claims a batch for all copies that wait for an object.
      this.#claiming ??= this.#claimMore().finally(() => this.#claiming = undefined);
      if (await this.#claiming === 0) return undefined;
    }
    return this.budget.spent() ? undefined : this.#backlog.shift();
  }

  /** To be called when an object has its checkpoint, or belongs to another invocation by now. */
  settled({ position }: ClaimedItem): void {
    this.#held.delete(position);
  }

  /** Gives back the claims of objects that have no checkpoint yet. */
  async release(): Promise<void> {
    await this.queue.release([...this.#held.values()]);
  }

  async #claimMore(): Promise<number> {
    const items = await this.queue.claim(this.limits.batchObjects, this.limits.batchBytes);
    for (const item of items) this.#held.set(item.position, item);
    this.#backlog.push(...items);
    return items.length;
  }
}
