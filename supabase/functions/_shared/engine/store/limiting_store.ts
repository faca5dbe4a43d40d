import { Semaphore } from "../semaphore.ts";
import type { ObjectStore } from "./object_store.ts";

export interface StoreLimits {
  /** Requests under way at once. */
  readonly requests: number;
  /** Bytes of bodies under way at once, in memory. A larger body goes alone. */
  readonly bytes: number;
  /** What one `putStream` counts for: its part size times its parts at once. */
  readonly streamBytes: number;
  /** The same of one whose length is known: some blocks. */
  readonly sizedStreamBytes: number;
}

/**
 * Keeps the number of requests and the bytes in memory below limits, whatever the callers start. Waiting ends with the
 * signal's reason when aborted. A `get` counts as a request until its body has ended or was cancelled: who holds an open
 * body and asks for more needs `requests` of at least two per such caller, else it waits for itself.
 */
export function limitingStore(store: ObjectStore, limits: StoreLimits): ObjectStore {
  const requests = new Semaphore(limits.requests);
  const bytes = new Semaphore(limits.bytes);

  // Bytes first: a request that waits for memory must not keep others from being sent.
  const within = <Result>(sizeBytes: number, signal: AbortSignal | undefined, work: () => Promise<Result>) =>
    bytes.use(sizeBytes, signal, () => requests.use(1, signal, work));

  return {
    head: (key, options, signal) => within(0, signal, () => store.head(key, options, signal)),
    async get(key, options, signal) {
      const release = await requests.acquire(1, signal);
      try {
        const { info, body } = await store.get(key, options, signal);
        return { info, body: onEnd(body, release) };
      } catch (error) {
        release();
        throw error;
      }
    },
    async *list(prefix, signal, after) {
      const listing = store.list(prefix, signal, after)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { done, value } = await within(0, signal, () => listing.next());
          if (done) return;
          yield value;
        }
      } finally {
        await listing.return?.();
      }
    },
    put: (key, body, options, signal) => within(body.byteLength, signal, () => store.put(key, body, options, signal)),
    putStream: (key, body, options, signal) =>
      within(
        options.sizeBytes === undefined ? limits.streamBytes : limits.sizedStreamBytes,
        signal,
        () => store.putStream(key, body, options, signal),
      ),
    async openUpload(key, options, signal) {
      const upload = await within(0, signal, () => store.openUpload(key, options, signal));
      return {
        uploadId: upload.uploadId,
        putPart: (number, part, signal) => within(part.byteLength, signal, () => upload.putPart(number, part, signal)),
        complete: (parts, options, signal) => within(0, signal, () => upload.complete(parts, options, signal)),
        abort: (signal) => within(0, signal, () => upload.abort(signal)),
      };
    },
    copy: (fromKey, toKey, options, signal) => within(0, signal, () => store.copy(fromKey, toKey, options, signal)),
    remove: (keys, signal) => within(0, signal, () => store.remove(keys, signal)),
  };
}

/** The same stream; `ended` is called when it has ended, failed or was cancelled. */
function onEnd<Chunk>(source: ReadableStream<Chunk>, ended: () => void): ReadableStream<Chunk> {
  const reader = source.getReader();
  return new ReadableStream<Chunk>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        ended();
        controller.close();
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    async cancel(reason) {
      ended();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
