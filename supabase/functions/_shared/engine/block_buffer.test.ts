import { deepStrictEqual } from "node:assert/strict";
import { BlockBuffer } from "./block_buffer.ts";

/** A function that remembers the blocks that it was handed. */
function collector() {
  const blocks: number[][] = [];
  return { blocks, handOn: (block: Uint8Array) => Promise.resolve(void blocks.push([...block])) };
}

Deno.test("blocks have one size, and the last full one waits for more", async () => {
  const { blocks, handOn } = collector();
  const buffer = new BlockBuffer(3);
  await buffer.write(Uint8Array.of(1, 2), handOn);
  await buffer.write(Uint8Array.of(3, 4, 5, 6), handOn);
  deepStrictEqual([blocks, [...buffer.rest]], [[[1, 2, 3]], [4, 5, 6]]);
  await buffer.write(Uint8Array.of(7), handOn);
  deepStrictEqual(blocks, [[1, 2, 3], [4, 5, 6]]);
  await buffer.flush(handOn);
  await buffer.flush(handOn);
  deepStrictEqual([blocks.at(-1), blocks.length], [[7], 3]);
});

Deno.test("a carried rest comes before what follows", async () => {
  const { blocks, handOn } = collector();
  const buffer = new BlockBuffer(3, Uint8Array.of(1, 2));
  await buffer.write(Uint8Array.of(3, 4), handOn);
  deepStrictEqual([blocks, [...buffer.rest]], [[[1, 2, 3]], [4]]);
});
