import { constants, deflateRaw, gzip } from "node:zlib";
import type { Compressor, PieceCompressor } from "../../engine/compression.ts";

/** Level 1 takes a third of the CPU of level 6 and makes about a fifth more bytes (docs/PERFORMANCE.md). */
const LEVEL = 1;

/** Gzip by `node:zlib`, native in Deno and Node. */
export const nodeGzip: Compressor & PieceCompressor = {
  gzip: (bytes) => settled((done) => gzip(bytes, { level: LEVEL }, done)),
  deflatePiece: (bytes) =>
    settled((done) => deflateRaw(bytes, { level: LEVEL, finishFlush: constants.Z_FULL_FLUSH }, done)),
};

type Callback = (error: Error | null, result: Uint8Array) => void;

function settled(start: (done: Callback) => void): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) =>
    start((error, result) => error ? reject(error) : resolve(result as Uint8Array<ArrayBuffer>))
  );
}
