import { deepStrictEqual, rejects } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { startGzipWorkers } from "./gzip_workers.ts";

Deno.test("each answer belongs to its question, and the bytes may be used again at once", async () => {
  using gzip = startGzipWorkers(2);
  const bytes = new Uint8Array(200_000);
  const answers = Array.from({ length: 9 }, (_, index) => {
    bytes.fill(index);
    return gzip.gzip(bytes.subarray(0, 100_000 + index));
  });
  for (const [index, member] of (await Promise.all(answers)).entries()) {
    deepStrictEqual(new Uint8Array(gunzipSync(member)), new Uint8Array(100_000 + index).fill(index));
  }
});

Deno.test("what threads had still to do when they are ended rejects", async () => {
  const gzip = startGzipWorkers(1);
  const answer = gzip.gzip(new Uint8Array(10));
  gzip[Symbol.dispose]();
  await rejects(answer);
  await rejects(gzip.gzip(new Uint8Array(10)));
});
