import { gzip } from "node:zlib";
import type { Compressor } from "../engine/compression.ts";

/** Level 1: a third of the CPU of level 6 for about a fifth more bytes (docs/PERFORMANCE.md). */
const LEVEL = 1;

/** Gzip by `node:zlib`, native in Deno and Node. */
export const nodeGzip: Compressor = {
  gzip: (bytes) =>
    new Promise((resolve, reject) => {
      gzip(bytes, { level: LEVEL }, (error, result) => {
        if (error) reject(error);
        else resolve(result as unknown as Uint8Array<ArrayBuffer>);
      });
    }),
};
