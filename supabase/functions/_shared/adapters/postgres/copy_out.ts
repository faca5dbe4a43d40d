// `COPY … TO STDOUT` as a query object for `pg`, whose parser stays attached throughout. The packages for streams
// stall: pg-copy-streams at the second COPY, postgres.js when CopyDone arrives in the same chunk as the last data.
import type { Socket } from "node:net";

/** The connection that `pg` passes to a query object, which the package's own types do not describe. */
export interface PgConnection {
  readonly stream: Socket;
  query(text: string): void;
}

/** Least size of a block that the reader gets, so that a table of short rows does not cost a promise for each row. */
const BLOCK_BYTES = 64 * 1024;
const BLOCK_CAPACITY = 4 * BLOCK_BYTES;
/** The socket is paused while this many bytes wait for the reader, and resumed at half as many. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Submit it with `client.query(copy)`, then iterate it. Implements pg's undocumented Submittable. */
export class PostgresCopyOut {
  readonly #text: string;
  readonly #stallTimeoutMs: number;
  #connection: PgConnection | undefined;
  #queue: Uint8Array<ArrayBuffer>[] = [];
  /** Blocks to reuse. With new ones, a table of 2 GB would leave 2 GB to the garbage collector, which runs too late. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #queuedBytes = 0;
  #block: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  #paused = false;
  #finished = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  /** `pg` sets this on every query object. */
  callback: unknown;

  constructor(text: string, stallTimeoutMs: number) {
    this.#text = text;
    this.#stallTimeoutMs = stallTimeoutMs;
  }

  submit(connection: PgConnection): void {
    this.#connection = connection;
    connection.query(this.#text);
  }

  handleCopyData(message: { chunk: Uint8Array }): void {
    const { chunk } = message;
    if (this.#block && this.#used + chunk.length > this.#block.length) this.#flush();
    this.#block ??= this.#emptyBlock(chunk.length);
    // pg-protocol reuses the buffer behind `chunk` for the next packet: keeping a view of it corrupts data in silence.
    this.#block.set(chunk, this.#used);
    this.#used += chunk.length;
    if (this.#used < BLOCK_BYTES) return;
    this.#flush();
    if (this.#queuedBytes >= HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#connection?.stream.pause();
    }
    this.#notify();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}

  handleError(error: Error): void {
    this.#error = error;
    this.#finish();
  }

  handleReadyForQuery(): void {
    this.#flush();
    this.#finish();
  }

  /**
   * Yields the blocks of the copy. A block belongs to the reader until it asks for the next one. Throws the error of
   * the server or of the connection. A reader that leaves the loop early must end the connection, since the copy goes
   * on.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    while (true) {
      for (let block = this.#queue.shift(); block; block = this.#queue.shift()) {
        this.#queuedBytes -= block.length;
        if (this.#queuedBytes < HIGH_WATER_BYTES / 2) this.#resume();
        yield block;
        if (block.buffer.byteLength === BLOCK_CAPACITY) this.#free.push(new Uint8Array(block.buffer));
      }
      if (this.#error) throw this.#error;
      if (this.#finished) return;
      await this.#waitForData();
    }
  }

  /** Waits for data, but not for ever: a connection whose other end is gone may never report an error. */
  async #waitForData(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stalled = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#error ??= Object.assign(new Error(`no data for ${this.#stallTimeoutMs} ms`), { code: "ETIMEDOUT" });
        resolve();
      }, this.#stallTimeoutMs);
    });
    await Promise.race([new Promise<void>((resolve) => this.#wake = resolve), stalled]);
    clearTimeout(timer);
  }

  #emptyBlock(leastBytes: number): Uint8Array<ArrayBuffer> {
    if (leastBytes > BLOCK_CAPACITY) return new Uint8Array(leastBytes);
    return this.#free.pop() ?? new Uint8Array(BLOCK_CAPACITY);
  }

  #flush(): void {
    if (!this.#block || this.#used === 0) return;
    this.#queue.push(this.#block.subarray(0, this.#used));
    this.#queuedBytes += this.#used;
    this.#block = undefined;
    this.#used = 0;
  }

  #finish(): void {
    this.#finished = true;
    this.#resume();
    this.#notify();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#connection?.stream.resume();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
