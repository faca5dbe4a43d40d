/**
 * Cuts a stream into parts of exactly `partBytes`, the last one shorter: R2 demands equal parts. An empty stream gives
 * one empty part. Holds one part in memory; each part is the reader's own. Cancels the stream when the reader stops.
 */
export async function* equalParts(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  partBytes: number,
  expectedBytes?: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let left = expectedBytes ?? smallestBuffer;
  const nextBuffer = () => new Uint8Array(Math.min(partBytes, Math.max(left, smallestBuffer)));
  let buffer = nextBuffer();
  let filled = 0;
  let parts = 0;
  for await (const chunk of body) {
    left -= chunk.length;
    for (let offset = 0; offset < chunk.length;) {
      if (filled === buffer.length) {
        if (filled === partBytes) {
          yield buffer;
          parts++;
          buffer = nextBuffer();
          filled = 0;
        } else {
          buffer = grown(buffer, Math.min(partBytes, buffer.length * 2));
        }
      }
      const taken = Math.min(buffer.length - filled, chunk.length - offset);
      buffer.set(chunk.subarray(offset, offset + taken), filled);
      filled += taken;
      offset += taken;
    }
  }
  if (filled > 0 || parts === 0) yield filled === buffer.length ? buffer : buffer.slice(0, filled);
}

/** Where the length is not known; also what a lie about it costs at first. */
const smallestBuffer = 16 * 1024;

function grown(buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes);
  larger.set(buffer);
  return larger;
}
