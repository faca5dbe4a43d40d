import { LifeboatError } from "../errors.ts";
import { MARKER_KEY } from "../format/keys.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import { type ClaimLimits, Claims } from "./claims.ts";
import type { ClaimedItem } from "./copy/claimed_item.ts";
import { copyObject, isSuspect } from "./copy/copy_object.ts";
import type { CopyContext } from "./copy/copy_work.ts";
import { createFailureWatch, type Held } from "./failure_watch.ts";
import { createFinishing } from "./finishing.ts";
import type { QueueFigures } from "./media_queue.ts";

export interface CopyLimits extends ClaimLimits {
  /** Objects copied at once. How many of them are large is for the memory to say. */
  readonly concurrency: number;
}

/** Failures that concern one object only: the object is skipped with the reason, and the others are copied. */
const OWN_FAILURES = ["object_vanished", "object_unreadable", "source_path_unreachable", "key_unsafe"];
/** Failures that may be of one object or of an outage: `createFailureWatch` tells which. */
const SUSPECT_FAILURES = ["source_refused", "source_unavailable", "source_failed", "store_unavailable", "store_failed"]
  .concat("object_corrupt", "archive_failed", "metadata_too_large", "metadata_invalid", "object_missing");

/** An object is skipped after so many invocations died with it. Two deaths may be the fault of other objects in its batch. */
const MOST_DEATHS = 8;

/**
 * What the budget is charged for an object beside its bytes, in bytes: its requests and its share of two statements take
 * the CPU of some 128 KiB (docs/PERFORMANCE.md).
 */
export const OBJECT_COST_BYTES = 128 * 1024;

/**
 * Copies objects of the point's queue until none can be claimed or the budget is spent. Everything that was begun has its
 * checkpoint then, or is given back. Throws what no single object is to blame for, after giving back what it had claimed.
 */
export async function copyQueue(
  context: CopyContext,
  limits: CopyLimits,
  report: (figures: QueueFigures) => void,
): Promise<void> {
  const { queue, run, budget } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const claims = new Claims(queue, budget, limits);
  const watch = createFailureWatch<ClaimedItem>();
  const finishing = createFinishing(queue, context.clock, (finished, figures) => {
    for (const { item } of finished) claims.settled(item);
    report(figures);
  });

  async function skipHeld(failures: readonly Held<ClaimedItem>[]): Promise<void> {
    for (const { item, error } of failures) await skip(item, error.code, error.message);
  }

  const skip = (item: ClaimedItem, code: string, reason: string) => finishing.add({ item, skipped: { code, reason } });

  async function copyOne(item: ClaimedItem): Promise<void> {
    if (item.attempts >= MOST_DEATHS) {
      const reason =
        `${MOST_DEATHS} invocations ended while they copied it. The command line has no limits of time and memory.`;
      return await skip(item, "object_ends_run", reason);
    }
    budget.spend(OBJECT_COST_BYTES);
    try {
      const step = await copyObject(context, item, signal);
      if (step.kind === "paused") return;
      await finishing.add({ item, copy: step.copy });
      // What follows must not be held against it.
      if (isSuspect(item)) await finishing.flush();
      await skipHeld(watch.succeeded());
    } catch (error) {
      if (signal.aborted || !(error instanceof LifeboatError)) throw error;
      if (error.code === "claim_lost") return claims.settled(item);
      // With a wrong key every object looks as if it had no bytes.
      if (error.code === "object_unreadable") await context.source.check(signal);
      if (OWN_FAILURES.includes(error.code)) return await skip(item, error.code, error.message);
      if (!SUSPECT_FAILURES.includes(error.code)) throw error;
      if (error.code.startsWith("source_")) await context.source.check(signal);
      watch.failed(item, error);
    }
  }

  async function work(): Promise<void> {
    for (let item = await claims.next(); item; item = await claims.next()) {
      signal.throwIfAborted();
      await copyOne(item);
    }
  }

  try {
    const workers = Array.from({ length: limits.concurrency }, () =>
      work().catch((error) => {
        // The first failure aborts the other copies. What those throw then only repeats it.
        stop.abort(error);
        throw error;
      }));
    const results = await Promise.allSettled(workers);
    if (results.some((result) => result.status === "rejected")) throw signal.reason;
    if (watch.held().length > 0) await assertUp(context, signal);
    await skipHeld(watch.succeeded());
    await finishing.flush();
    await claims.release();
  } catch (error) {
    if (!run.signal.aborted) {
      // Only so that others need not wait: claims that nobody renews end by themselves.
      await finishing.flush().then(() => claims.release()).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Asks Storage and the store for an answer before failures at the very end are counted as the objects' own. Throws the
 * error of the side that does not answer.
 */
async function assertUp({ source, store }: CopyContext, signal: AbortSignal): Promise<void> {
  await source.check(signal);
  await headOrMissing(store, MARKER_KEY, undefined, signal);
}
