import type { Clock } from "../clock.ts";
import { LifeboatError } from "../errors.ts";
import { retry } from "../retry.ts";
import { compareKeys } from "./key_order.ts";
import type { ListedObject, MultipartUpload, ObjectStore } from "./object_store.ts";
import { StoreAnswer } from "./store_answer.ts";

export interface RetryPolicy {
  /** How often a request is made in all. Default 6. */
  readonly tries?: number;
  /** Longest wait before the second try; each later one is twice as long. Default 200. */
  readonly firstDelayMs?: number;
  /** Longest wait between two tries. Default 20,000. */
  readonly longestDelayMs?: number;
  /** No try begins later than this after the first. Default 120,000. */
  readonly totalMs?: number;
}

/**
 * Repeats what failed with kind `transient`, and nothing else, after waits that grow and are drawn at random (full jitter,
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter), or that the store asked for with
 * Retry-After. When the tries or the time are used up, the last failure is thrown as it is.
 *
 * - `putStream` is repeated only while its stream was not touched: what was read is gone.
 * - `get` is repeated until its body is open; a body that breaks later fails at the reader.
 * - `list` goes on after a failed page behind the last object that it gave; the tries count anew after each object.
 * - A repeated conditional write may answer `store_precondition_failed` because the first try had succeeded after all:
 *   read the object to see whose it is.
 */
export function retryingStore(
  store: ObjectStore,
  clock: Clock,
  random: () => number,
  policy: RetryPolicy = {},
): ObjectStore {
  const { tries = 6, firstDelayMs = 200, longestDelayMs = 20_000, totalMs = 120_000 } = policy;
  const again: Retry = (signal, work, mayRepeat = () => true) =>
    retry(
      clock,
      {
        tries,
        totalMs,
        mayPass: (error) => error instanceof LifeboatError && error.kind === "transient" && mayRepeat(),
        delayMs: (failures, error) =>
          Math.max(random() * Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1)), askedDelayMs(error)),
      },
      work,
      signal,
    );

  return {
    head: (key, options, signal) => again(signal, () => store.head(key, options, signal)),
    get: (key, options, signal) => again(signal, () => store.get(key, options, signal)),
    list: (prefix, signal, after) => listAgain(store, prefix, again, signal, after),
    put: (key, body, options, signal) => again(signal, () => store.put(key, body, options, signal)),
    putStream(key, body, options, signal) {
      let wasRead = false;
      const watched: typeof body = {
        [Symbol.asyncIterator]() {
          // From here on the stream may be used up or closed, and a second try would store what is left: nothing.
          wasRead = true;
          return body[Symbol.asyncIterator]();
        },
      };
      return again(signal, () => store.putStream(key, watched, options, signal), () => !wasRead);
    },
    async openUpload(key, options, signal) {
      const upload = await again(signal, () => store.openUpload(key, options, signal));
      return retryingUpload(upload, again);
    },
    copy: (fromKey, toKey, options, signal) => again(signal, () => store.copy(fromKey, toKey, options, signal)),
    remove: (keys, signal) => again(signal, () => store.remove(keys, signal)),
  };
}

type Retry = <Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
  mayRepeat?: () => boolean,
) => Promise<Result>;

function retryingUpload(upload: MultipartUpload, again: Retry): MultipartUpload {
  return {
    uploadId: upload.uploadId,
    putPart: (number, bytes, signal) => again(signal, () => upload.putPart(number, bytes, signal)),
    complete: (parts, options, signal) => again(signal, () => upload.complete(parts, options, signal)),
    abort: (signal) => again(signal, () => upload.abort(signal)),
  };
}

async function* listAgain(
  store: ObjectStore,
  prefix: string,
  again: Retry,
  signal?: AbortSignal,
  after?: string,
): AsyncGenerator<ListedObject, void, undefined> {
  let last = after;
  let listing: AsyncIterator<ListedObject> | undefined;
  const next = async () => {
    listing ??= store.list(prefix, signal, last)[Symbol.asyncIterator]();
    try {
      let result = await listing.next();
      // A store that knows no such beginning gives everything again: listings are in key order.
      while (!result.done && last !== undefined && compareKeys(result.value.key, last) <= 0) {
        result = await listing.next();
      }
      return result;
    } catch (error) {
      listing = undefined;
      throw error;
    }
  };
  try {
    for (let result = await again(signal, next); !result.done; result = await again(signal, next)) {
      last = result.value.key;
      yield result.value;
    }
  } finally {
    await listing?.return?.();
  }
}

function askedDelayMs(error: unknown): number {
  const cause = error instanceof Error && error.cause;
  return cause instanceof StoreAnswer ? cause.retryAfterMs ?? 0 : 0;
}
