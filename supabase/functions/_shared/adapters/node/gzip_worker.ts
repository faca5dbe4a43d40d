// A thread of gzip_workers.ts. It receives bytes, answers with one gzip member, and returns the bytes' buffer for
// reuse.
import { nodeGzip } from "./gzip.ts";

const scope = self as unknown as {
  onmessage: (message: MessageEvent<Uint8Array<ArrayBuffer>>) => void;
  postMessage(message: [member: Uint8Array, bytes: ArrayBuffer], transfer: Transferable[]): void;
};
scope.onmessage = async ({ data }) => {
  // Only whole buffers can be transferred, and zlib's buffer is larger than the member, so the member is copied.
  const member = (await nodeGzip.gzip(data)).slice();
  scope.postMessage([member, data.buffer], [member.buffer, data.buffer]);
};
