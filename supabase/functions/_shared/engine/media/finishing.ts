import type { Clock } from "../clock.ts";
import type { Finished, MediaQueue, QueueFigures } from "./media_queue.ts";

/** Checkpoints of so many objects are written with one statement: a statement for each would cost as much as a request. */
const MOST_WAITING = 32;
/** No copy waits longer than this for its checkpoint, because copies without one are made again after an invocation was killed. */
const LONGEST_WAIT_MS = 2_000;

export interface Finishing {
  add(finished: Finished): Promise<void>;
  flush(): Promise<void>;
}

/** Gathers finished objects and writes their checkpoints together. */
export function createFinishing(
  queue: MediaQueue,
  clock: Clock,
  written: (finished: readonly Finished[], figures: QueueFigures) => void,
): Finishing {
  let waiting: Finished[] = [];
  let sinceMs = 0;

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    written(batch, await queue.finish(batch));
  }

  return {
    async add(finished) {
      const nowMs = clock.now().getTime();
      if (waiting.length === 0) sinceMs = nowMs;
      waiting.push(finished);
      if (waiting.length >= MOST_WAITING || nowMs - sinceMs >= LONGEST_WAIT_MS) await flush();
    },
    flush,
  };
}
