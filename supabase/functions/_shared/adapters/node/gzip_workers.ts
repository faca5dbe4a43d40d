import type { Compressor } from "../../engine/compression.ts";

/** Compresses in threads of its own. Edge functions cannot use it, because they have one thread. */
export interface GzipWorkers extends Compressor, Disposable {
  /** Ends the threads. Compressions that have not ended reject. */
  [Symbol.dispose](): void;
}

/** Size of a buffer, into which one member of a dump and its separator fit. */
const BUFFER_BYTES = 2 * 1024 * 1024 + 64;

interface Job {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly resolve: (member: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gzip in `count` threads, because Deno's `node:zlib` works in the caller's thread even where it answers later
 * (docs/PERFORMANCE.md). Bytes are copied before `gzip` returns, so the caller may reuse them at once.
 */
export function startGzipWorkers(count: number): GzipWorkers {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  // Buffers are reused. With a new one for each member, the garbage collector would get as many bytes as the dump has.
  const free: ArrayBuffer[] = [];
  let ended: Error | undefined;

  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(new URL("./gzip_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: [member, buffer] }: MessageEvent<[Uint8Array<ArrayBuffer>, ArrayBuffer]>) => {
      if (buffer.byteLength === BUFFER_BYTES) free.push(buffer);
      busy.get(worker)?.resolve(member);
      busy.delete(worker);
      idle.push(worker);
      startNext();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end(new Error(`a gzip thread failed: ${event.message}`));
    };
    idle.push(worker);
    return worker;
  });

  function copyOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (bytes.length > BUFFER_BYTES) return bytes.slice();
    const copy = new Uint8Array(free.pop() ?? new ArrayBuffer(BUFFER_BYTES), 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  function startNext(): void {
    while (waiting.length > 0 && idle.length > 0) {
      const worker = idle.pop()!;
      const job = waiting.shift()!;
      busy.set(worker, job);
      worker.postMessage(job.bytes, [job.bytes.buffer]);
    }
  }

  function end(error: Error): void {
    ended ??= error;
    for (const worker of workers) worker.terminate();
    for (const { reject } of [...waiting.splice(0), ...busy.values()]) reject(ended);
    busy.clear();
  }

  return {
    atOnce: 2 * count + 2,
    gzip: (bytes) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.push({ bytes: copyOf(bytes), resolve, reject });
        startNext();
      }),
    [Symbol.dispose]: () => end(new Error("the gzip threads were ended")),
  };
}
