import type { SourceBody } from "../../engine/media/storage_source.ts";
import { cutOffFailure, unansweredFailure } from "./failures.ts";

const BLOCK_BYTES = 256 * 1024;

export interface WatchedBodySettings {
  /** Length that the answer announced. */
  readonly sizeBytes: number | undefined;
  /** Longest wait for the next block, in milliseconds. It does not count the time that a slow reader takes. */
  readonly stallTimeoutMs: number;
  readonly subject: string;
  /** Ends the request when it is aborted. */
  readonly stop: AbortController;
}

/**
 * A body that cannot end early unnoticed: silence, a broken connection and missing bytes are errors. Bytes are written
 * into the reader's memory, which takes half the CPU of joining blocks (docs/PERFORMANCE.md).
 */
export class WatchedBody implements SourceBody {
  readonly #reader: ReadableStreamBYOBReader | undefined;
  readonly #settings: WatchedBodySettings;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #readBytes = 0;
  #ended: boolean;

  constructor(body: ReadableStream | null, settings: WatchedBodySettings, signal?: AbortSignal) {
    this.#reader = body?.getReader({ mode: "byob" });
    this.#ended = this.#reader === undefined;
    this.#settings = settings;
    this.#signal = signal;
    this.#onAbort = () => settings.stop.abort();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { byteOffset, length } = into;
    let { buffer } = into;
    let filled = 0;
    while (filled < length && !this.#isWhole()) {
      const block = await this.#readBlock(new Uint8Array(buffer, byteOffset + filled, length - filled));
      buffer = block.buffer;
      filled += block.length;
    }
    return new Uint8Array(buffer, byteOffset, filled);
  }

  async isAtEnd(): Promise<boolean> {
    // One more byte is asked for even when all have arrived, because only a body read to its end frees its connection.
    if (!this.#ended && (await this.#readBlock(new Uint8Array(1))).length > 0) return false;
    return this.#isWhole();
  }

  async cancel(): Promise<void> {
    try {
      if (this.#readBytes === this.#settings.sizeBytes && await this.isAtEnd()) return;
    } catch {
      // The connection broke after the last byte, so nothing is missing.
    } finally {
      this.#signal?.removeEventListener("abort", this.#onAbort);
    }
    await this.#reader?.cancel().catch(() => undefined);
    this.#settings.stop.abort();
  }

  /** True when every byte was read. Throws when the body ended before that. */
  #isWhole(): boolean {
    const { sizeBytes, subject } = this.#settings;
    if (this.#ended && sizeBytes !== undefined && this.#readBytes !== sizeBytes) {
      throw cutOffFailure(sizeBytes, this.#readBytes, subject);
    }
    return this.#ended || this.#readBytes === sizeBytes;
  }

  /** Reads into `view`. The stream takes its memory over, and the result holds a new view of that memory. */
  async #readBlock(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { stallTimeoutMs, subject, stop } = this.#settings;
    const timer = setTimeout(() => stop.abort(), stallTimeoutMs);
    try {
      const { value, done } = await this.#reader!.read(view);
      // A cancelled stream keeps the memory, so reading cannot go on.
      if (value === undefined) throw new Error("the body was given up");
      this.#ended = done;
      this.#readBytes += value.length;
      return value;
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw unansweredFailure(error, stop.signal.aborted, stallTimeoutMs, "storage.read", subject);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The body as a stream of blocks. The stream cancels the body at its end. */
export function asStream(body: SourceBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const block = await body.read(new Uint8Array(BLOCK_BYTES));
      if (block.length > 0) return controller.enqueue(block);
      await body.cancel();
      controller.close();
    },
    cancel: () => body.cancel(),
  }, { highWaterMark: 0 });
}
