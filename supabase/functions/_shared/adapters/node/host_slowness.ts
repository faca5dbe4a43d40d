import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";

/** The piece of work takes so many milliseconds on a host whose steps may be as large as compose/ says. */
const REFERENCE_MS = 0.75;
/** The best of so many tries counts: one that another process interrupted says nothing. */
const TRIES = 5;

let piece: Buffer | undefined;

/**
 * Measures how many times longer than `REFERENCE_MS` this host takes for a fixed piece of work: rows are compressed, unpacked,
 * parsed and hashed, as dump and verify do. The answer is at least 1. Measuring takes some 4 ms. The platform does not tell
 * a function how much CPU it has used, and the same run takes twice as much on a busy host.
 */
export function hostSlowness(): number {
  piece ??= samplePiece();
  let best = Infinity;
  for (let tries = 0; tries < TRIES; tries++) {
    const startedMs = performance.now();
    const packed = gzipSync(piece, { level: 1 });
    createHash("sha256").update(packed).digest("hex");
    JSON.parse(gunzipSync(packed).toString());
    best = Math.min(best, performance.now() - startedMs);
  }
  return Math.max(1, best / REFERENCE_MS);
}

/** Rows as a dump has them. */
function samplePiece(): Buffer {
  const rows = Array.from({ length: 400 }, (_, index) => ({
    id: index * 7919,
    name: `sample ${(index * 2654435761) >>> 0}`,
    created_at: `2026-01-${10 + index % 20}T10:${10 + index % 50}:00+00:00`,
    description: "words that come again and again ".repeat(1 + index % 4),
  }));
  return Buffer.from(JSON.stringify(rows));
}
