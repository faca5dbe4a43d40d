/**
 * Cuts a stream into parts of exactly `partBytes`, the last one shorter: R2 demands equal parts. An empty stream gives
 * one empty part. A part is good until the next one is asked for: all are cut in `buffer`, or in one of `partBytes` when
 * the stream turns out to be longer than a smaller buffer. Cancels the stream when the reader stops.
 */
export async function* equalParts(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  partBytes: number,
  buffer: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let filled = 0;
  let parts = 0;
  for await (const chunk of body) {
    for (let offset = 0; offset < chunk.length;) {
      if (filled === partBytes) {
        yield buffer;
        parts++;
        filled = 0;
      } else if (filled === buffer.length) {
        const larger = new Uint8Array(partBytes);
        larger.set(buffer);
        buffer = larger;
      }
      const taken = Math.min(buffer.length - filled, chunk.length - offset);
      buffer.set(chunk.subarray(offset, offset + taken), filled);
      filled += taken;
      offset += taken;
    }
  }
  if (filled > 0 || parts === 0) yield buffer.subarray(0, filled);
}
