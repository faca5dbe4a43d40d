import type { SourceBody } from "../../engine/media/storage_source.ts";
import { cutOffFailure, unansweredFailure } from "./failures.ts";

const BLOCK_BYTES = 256 * 1024;

export interface WatchedBodySettings {
  /** What the answer said that it would send. */
  readonly sizeBytes: number | undefined;
  /** Longest wait for the next block. A slow reader does not count: the watch runs only while something is asked for. */
  readonly stallTimeoutMs: number;
  readonly subject: string;
  /** Ends the request. */
  readonly stop: AbortController;
}

/**
 * The body of an answer that never simply ends: silence, a broken connection and a missing rest are errors. What arrives
 * is written where the reader wants it, which is half the CPU of blocks that are copied together (docs/PERFORMANCE.md).
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
    // Asked for even where every byte has come: only a body that was read to its end gives its connection back.
    if (!this.#ended && (await this.#readBlock(new Uint8Array(1))).length > 0) return false;
    return this.#isWhole();
  }

  async cancel(): Promise<void> {
    try {
      if (this.#readBytes === this.#settings.sizeBytes && await this.isAtEnd()) return;
    } catch {
      // Broken after its last byte: nobody lacks anything.
    } finally {
      this.#signal?.removeEventListener("abort", this.#onAbort);
    }
    await this.#reader?.cancel().catch(() => undefined);
    this.#settings.stop.abort();
  }

  /** All of it was read. Throws when it ended before that. */
  #isWhole(): boolean {
    const { sizeBytes, subject } = this.#settings;
    if (this.#ended && sizeBytes !== undefined && this.#readBytes !== sizeBytes) {
      throw cutOffFailure(sizeBytes, this.#readBytes, subject);
    }
    return this.#ended || this.#readBytes === sizeBytes;
  }

  /** Reads into `view`, whose memory goes to the stream and comes back with the answer. */
  async #readBlock(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { stallTimeoutMs, subject, stop } = this.#settings;
    const timer = setTimeout(() => stop.abort(), stallTimeoutMs);
    try {
      const { value, done } = await this.#reader!.read(view);
      // A stream that was cancelled keeps the memory; then nobody reads any more.
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

/** For readers who want blocks. It cancels the body in the end. */
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
