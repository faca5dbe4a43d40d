/** What is passed on must arrive as it is: `fetch` would decompress an answer and drop its length. */
export function plainHeaders(headers: Headers): Headers {
  const plain = new Headers(headers);
  plain.set("accept-encoding", "identity");
  return plain;
}
