import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { equalParts } from "./equal_parts.ts";

function stream(...sizes: number[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (sizes.length === 0) return controller.close();
      controller.enqueue(new Uint8Array(sizes.shift()!).map(() => next++));
    },
  });
}

async function sizes(body: ReadableStream<Uint8Array<ArrayBuffer>>, partBytes: number, bufferBytes = partBytes) {
  const lengths: number[] = [];
  let next = 0;
  for await (const part of equalParts(body, partBytes, new Uint8Array(bufferBytes))) {
    lengths.push(part.length);
    for (const byte of part) strictEqual(byte, next++ & 255);
  }
  return lengths;
}

Deno.test("all parts but the last are equal, whatever the blocks are", async () => {
  deepStrictEqual(await sizes(stream(1, 2, 3, 4), 3), [3, 3, 3, 1]);
  deepStrictEqual(await sizes(stream(10), 5), [5, 5]);
  deepStrictEqual(await sizes(stream(40_000, 1), 30_000), [30_000, 10_001]);
  deepStrictEqual(await sizes(stream(3), 8, 3), [3]);
});

Deno.test("an empty stream is one empty part", async () => {
  deepStrictEqual(await sizes(stream(), 5), [0]);
  deepStrictEqual(await sizes(stream(0), 5, 0), [0]);
});

Deno.test("a stream longer than the buffer still gives parts of the agreed size", async () => {
  deepStrictEqual(await sizes(stream(50_000), 20_000, 10), [20_000, 20_000, 10_000]);
  deepStrictEqual(await sizes(stream(10, 5), 20_000, 10), [15]);
  deepStrictEqual(await sizes(stream(1), 20_000, 0), [1]);
});

Deno.test("a stream that fails fails the parts, and a reader that stops cancels it", async () => {
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: () => Promise.reject(new Error("cut")) });
  await rejects(sizes(broken, 5), /cut/);
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(5)),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of equalParts(endless, 5, new Uint8Array(5))) break;
  strictEqual(cancelled, true);
});
