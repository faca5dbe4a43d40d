import { lastingChecksums, nodeChecksums } from "../adapters/node/checksum.ts";
import type { Checksums } from "../engine/checksum.ts";
import type { CopiesLimits } from "../engine/copies/mod.ts";

/** What the host can afford. An edge function has 256 MB for everything. */
export interface HostLimits {
  /** Longest JSON of one row, in bytes. It passes through memory about four times. */
  readonly maxRowBytes: number;
  /** Objects copied at once, and bytes held for them. */
  readonly mediaConcurrency: number;
  readonly mediaBytesInFlight: number;
  /** Files up to this size need not be copied in parts, which another process could go on from. */
  readonly mediaOneRequestBytes: number;
  /** Of what goes through: with a state that another process can go on from, or faster. */
  readonly checksums: Checksums;
  /** Stored files whose bookkeeping can be compared with the bucket in one go. */
  readonly copies: CopiesLimits;
}

const MEBIBYTE = 1024 * 1024;

/** Measured in docs/PERFORMANCE.md: with these a function stays below 200 MB. */
export const edgeLimits: HostLimits = {
  maxRowBytes: 32 * MEBIBYTE,
  mediaConcurrency: 12,
  mediaBytesInFlight: 15 * MEBIBYTE,
  mediaOneRequestBytes: 0,
  checksums: nodeChecksums,
  copies: { copies: 10_000, manifestBytes: 2 * MEBIBYTE },
};

/** A machine of one's own. Postgres itself ends at 1 GB a value. */
export const commandLineLimits: HostLimits = {
  maxRowBytes: 900 * MEBIBYTE,
  mediaConcurrency: 16,
  mediaBytesInFlight: 256 * MEBIBYTE,
  mediaOneRequestBytes: 256 * MEBIBYTE,
  checksums: lastingChecksums,
  copies: { copies: Infinity, manifestBytes: Infinity },
};
