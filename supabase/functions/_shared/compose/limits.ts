import { lastingChecksums, nodeChecksums } from "../adapters/node/checksum.ts";
import type { Checksums } from "../engine/checksum.ts";
import type { CopiesLimits } from "../engine/copies/mod.ts";

/** What the host can afford. An edge function has 256 MB for everything that it does. */
export interface HostLimits {
  /** Longest JSON of one row, in bytes. About four copies of it are in memory at once. */
  readonly maxRowBytes: number;
  /** Objects that are copied at once; the next field limits the bytes held for them. */
  readonly mediaConcurrency: number;
  readonly mediaBytesInFlight: number;
  /** Largest file streamed in one request, in bytes. Larger ones go in parts, which another process can resume. */
  readonly mediaOneRequestBytes: number;
  /** Checksums of streams: either another process can go on from their state, or they are faster. */
  readonly checksums: Checksums;
  /** How many stored files one pass compares between bookkeeping and bucket. */
  readonly copies: CopiesLimits;
}

const MEBIBYTE = 1024 * 1024;

/** With these limits a function stays below 200 MB, as docs/PERFORMANCE.md measures. */
export const EDGE_LIMITS: HostLimits = {
  maxRowBytes: 32 * MEBIBYTE,
  mediaConcurrency: 12,
  mediaBytesInFlight: 15 * MEBIBYTE,
  mediaOneRequestBytes: 0,
  checksums: nodeChecksums,
  copies: { copies: 10_000, manifestBytes: 2 * MEBIBYTE },
};

/** Limits for a machine of one's own. PostgreSQL itself allows at most 1 GB a value. */
export const COMMAND_LINE_LIMITS: HostLimits = {
  maxRowBytes: 900 * MEBIBYTE,
  mediaConcurrency: 16,
  mediaBytesInFlight: 256 * MEBIBYTE,
  mediaOneRequestBytes: 256 * MEBIBYTE,
  checksums: lastingChecksums,
  copies: { copies: Infinity, manifestBytes: Infinity },
};
