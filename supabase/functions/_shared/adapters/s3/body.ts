import { unavailableFailure } from "./failures.ts";
import type { S3Call, S3Connection } from "./connection.ts";

/**
 * Wraps the body of a GET so that it cannot end early or hang unnoticed. Reading throws `store_unavailable` when fewer
 * or more bytes arrive than were announced, or when none arrive for the stall time while the reader waits, and the
 * signal's reason when aborted.
 */
export function checkedBody(
  source: ReadableStream<Uint8Array>,
  expectedBytes: number,
  connection: S3Connection,
  call: S3Call,
  signal?: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = source.getReader();
  let receivedBytes = 0;
  let onAbort: () => void = () => {};
  const settle = () => signal?.removeEventListener("abort", onAbort);
  const giveUp = (reason: unknown) => {
    settle();
    // The source has failed or is no longer wanted, so a failure to cancel it changes nothing.
    reader.cancel(reason).catch(() => {});
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      onAbort = () => {
        controller.error(signal?.reason);
        giveUp(signal?.reason);
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await beforeStall(reader.read(), connection.stallTimeoutMs, call);
        if (signal?.aborted) return;
        receivedBytes += value?.byteLength ?? 0;
        if (done ? receivedBytes !== expectedBytes : receivedBytes > expectedBytes) {
          throw unavailableFailure(`${receivedBytes} of ${expectedBytes} bytes arrived`, call.operation, call.subject);
        }
        if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
        settle();
        controller.close();
      } catch (error) {
        if (signal?.aborted) return;
        giveUp(error);
        controller.error(connection.failure(error, call));
      }
    },
    async cancel(reason) {
      settle();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

async function beforeStall<Result>(work: Promise<Result>, stallTimeoutMs: number, call: S3Call): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailableFailure(`no byte for ${stallTimeoutMs / 1000} s`, call.operation, call.subject)),
      stallTimeoutMs,
    );
  });
  try {
    return await Promise.race([work, stalled]);
  } finally {
    clearTimeout(timer);
  }
}
