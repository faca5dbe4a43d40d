// One thread of gzip_workers.ts: bytes in, one gzip member out, and the buffer of the bytes back to be used again.
import { nodeGzip } from "./gzip.ts";

const scope = self as unknown as {
  onmessage: (message: MessageEvent<Uint8Array<ArrayBuffer>>) => void;
  postMessage(message: [member: Uint8Array, bytes: ArrayBuffer], transfer: Transferable[]): void;
};
scope.onmessage = async ({ data }) => {
  // A copy: only whole buffers travel, and zlib's is larger than the member.
  const member = (await nodeGzip.gzip(data)).slice();
  scope.postMessage([member, data.buffer], [member.buffer, data.buffer]);
};
