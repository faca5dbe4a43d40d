import { cutOffFailure, unansweredFailure } from "./storage_failures.ts";

export interface WatchedBody {
  /** What the answer said that it would send. */
  readonly sizeBytes: number | undefined;
  /** Longest wait for the next block. A slow reader does not count: the watch runs only while something is asked for. */
  readonly stallTimeoutMs: number;
  readonly subject: string;
  /** Ends the request. */
  readonly stop: AbortController;
}

/** The body of an answer that never simply ends: silence, a broken connection and a missing rest are errors. */
export function watchedBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  { sizeBytes, stallTimeoutMs, subject, stop }: WatchedBody,
  signal?: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = (body ?? emptyBody()).getReader();
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const settle = () => signal?.removeEventListener("abort", onAbort);
  let readBytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const timer = setTimeout(() => stop.abort(), stallTimeoutMs);
      try {
        const next = await reader.read();
        if (!next.done) {
          readBytes += next.value.length;
          controller.enqueue(next.value);
          return;
        }
      } catch (error) {
        settle();
        signal?.throwIfAborted();
        throw unansweredFailure(error, stop.signal.aborted, stallTimeoutMs, "storage.read", subject);
      } finally {
        clearTimeout(timer);
      }
      settle();
      if (sizeBytes !== undefined && readBytes !== sizeBytes) throw cutOffFailure(sizeBytes, readBytes, subject);
      controller.close();
    },
    async cancel() {
      settle();
      await reader.cancel().catch(() => undefined);
      stop.abort();
    },
  }, { highWaterMark: 0 });
}

function emptyBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
