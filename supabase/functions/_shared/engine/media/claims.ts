import type { Budget } from "../run/budget.ts";
import type { ClaimedItem } from "./copy/claimed_item.ts";
import type { MediaQueue } from "./media_queue.ts";

export interface ClaimLimits {
  /** Taken with one statement. Small enough that another invocation finds something too. */
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
      // One statement for all who wait.
      this.#claiming ??= this.#claimMore().finally(() => this.#claiming = undefined);
      if (await this.#claiming === 0) return undefined;
    }
    return this.budget.spent() ? undefined : this.#backlog.shift();
  }

  /** It has its checkpoint, or belongs to another invocation by now. */
  settled({ position }: ClaimedItem): void {
    this.#held.delete(position);
  }

  /** Gives back what is not settled. */
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
