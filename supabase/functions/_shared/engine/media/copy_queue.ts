import { hasCode, LifeboatError } from "../errors.ts";
import { markerKey } from "../format/keys.ts";
import { type CopyContext, copyObject } from "./copy_object.ts";
import { createFailureWatch, type Held } from "./failure_watch.ts";
import type { ClaimedItem } from "./media_queue.ts";

export interface QueueProgress {
  copied(item: ClaimedItem, sizeBytes: number): void;
  skipped(item: ClaimedItem): void;
}

/** Answers about one object only: recorded, and the rest goes on. */
const ownFailures = ["object_vanished", "object_unreadable", "source_path_unreachable", "key_unsafe"];
/** May be one object's or everybody's: `createFailureWatch` tells them apart. */
const suspectFailures = ["source_refused", "source_unavailable", "source_failed", "store_unavailable", "store_failed"]
  .concat("object_corrupt", "archive_failed", "metadata_too_large", "metadata_invalid", "object_missing");

/** An object that was under way whenever a run ended this often is too much for where it runs. */
const mostClaims = 5;

/**
 * Empties the queue of the point with `concurrency` copies at a time. Returns when every object is stored or skipped;
 * throws what no single object is to blame for, after giving back what it had claimed.
 */
export async function copyQueue(context: CopyContext, concurrency: number, progress: QueueProgress): Promise<void> {
  const { queue, run } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const inFlight = new Map<number, ClaimedItem>();
  const watch = createFailureWatch<ClaimedItem>();
  const backlog: ClaimedItem[] = [];
  let claiming: Promise<number> | undefined;

  async function next(): Promise<ClaimedItem | undefined> {
    while (backlog.length === 0) {
      claiming ??= claimMore().finally(() => claiming = undefined);
      if (await claiming === 0) return undefined;
    }
    return backlog.shift();
  }

  async function claimMore(): Promise<number> {
    // No more than can be begun at once: what a killed run had claimed counts as tried.
    const items = await queue.claim(concurrency, [...inFlight.keys()]);
    for (const item of items) inFlight.set(item.position, item);
    backlog.push(...items);
    return items.length;
  }

  async function skip(item: ClaimedItem, code: string, reason: string): Promise<void> {
    await queue.skip(item, code, reason);
    inFlight.delete(item.position);
    progress.skipped(item);
  }

  async function skipHeld(failures: readonly Held<ClaimedItem>[]): Promise<void> {
    for (const { item, error } of failures) await skip(item, error.code, error.message);
  }

  async function copyOne(item: ClaimedItem): Promise<void> {
    if (item.attempts > mostClaims) {
      const reason =
        `${mostClaims} runs ended while they copied it. The command line has no limits of time and memory.`;
      return await skip(item, "object_ends_run", reason);
    }
    try {
      const copy = await copyObject(context, item, signal);
      await queue.stored(item, copy);
      inFlight.delete(item.position);
      progress.copied(item, copy.stored.sizeBytes);
      await skipHeld(watch.succeeded());
    } catch (error) {
      if (signal.aborted || !(error instanceof LifeboatError)) throw error;
      // With a wrong key every object looks as if it had no bytes.
      if (error.code === "object_unreadable") await context.source.check(signal);
      if (ownFailures.includes(error.code)) return await skip(item, error.code, error.message);
      if (!suspectFailures.includes(error.code)) throw error;
      if (error.code.startsWith("source_")) await context.source.check(signal);
      watch.failed(item, error);
    }
  }

  async function work(): Promise<void> {
    for (let item = await next(); item; item = await next()) {
      signal.throwIfAborted();
      await copyOne(item);
    }
  }

  try {
    const workers = Array.from({ length: concurrency }, () =>
      work().catch((error) => {
        // The first failure stops the others; what they then throw is its echo.
        stop.abort(error);
        throw error;
      }));
    const results = await Promise.allSettled(workers);
    if (results.some((result) => result.status === "rejected")) throw signal.reason;
    if (watch.held().length > 0) await assertUp(context, signal);
    await skipHeld(watch.succeeded());
  } catch (error) {
    // Only so that other invocations need not wait: the next holder takes over claims of an earlier epoch anyway.
    if (!run.signal.aborted) await queue.release([...inFlight.values()]).catch(() => undefined);
    throw error;
  }
}

/** Before failures at the very end are held against the objects: both sides answer. Throws what says that one does not. */
async function assertUp({ source, store }: CopyContext, signal: AbortSignal): Promise<void> {
  await source.check(signal);
  try {
    await store.head(markerKey, undefined, signal);
  } catch (error) {
    if (!hasCode(error, "object_missing")) throw error;
  }
}
