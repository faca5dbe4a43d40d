import { gzip } from "node:zlib";
import type { Compressor } from "../engine/compression.ts";

/** Level 1: a third of the CPU of level 6 for about a fifth more bytes (docs/PERFORMANCE.md). */
const LEVEL = 1;

/** Gzip by `node:zlib`, native in Deno and Node. */
export const nodeGzip: Compressor = {
  gzip: (blocks) =>
    new Promise((resolve, reject) => {
      gzip(joined(blocks), { level: LEVEL }, (error, result) => {
        if (error) reject(error);
        else resolve(result as unknown as Uint8Array<ArrayBuffer>);
      });
    }),
};

function joined(blocks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (blocks.length === 1) return blocks[0];
  const whole = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let offset = 0;
  for (const block of blocks) {
    whole.set(block, offset);
    offset += block.length;
  }
  return whole;
}
