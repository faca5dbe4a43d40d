import { gunzip } from "node:zlib";
import type { Decompressor } from "../../engine/decompression.ts";

/** Gunzip by `node:zlib`, native in Deno and Node. */
export const nodeGunzip: Decompressor = {
  gunzip: (bytes, rawLength) =>
    new Promise((resolve, reject) => {
      // zlib refuses a limit of 0 bytes.
      gunzip(bytes, { maxOutputLength: Math.max(1, rawLength) }, (error, result) => {
        if (error) reject(error);
        else resolve(result as unknown as Uint8Array<ArrayBuffer>);
      });
    }),
};
