/** Headers for passing an answer on unchanged: `fetch` would decompress it and drop its length. */
export function plainHeaders(headers: Headers): Headers {
  const plain = new Headers(headers);
  plain.set("accept-encoding", "identity");
  return plain;
}
