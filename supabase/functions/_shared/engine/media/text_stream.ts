/** Text as UTF-8 blocks of about 64 KiB, however small the pieces are. */
export async function* encodeText(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let waiting = "";
  for await (const text of texts) {
    waiting += text;
    if (waiting.length < 65_536) continue;
    yield encoder.encode(waiting);
    waiting = "";
  }
  if (waiting) yield encoder.encode(waiting);
}
