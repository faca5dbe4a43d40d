import { nodeChecksums } from "../adapters/node/checksum.ts";
import { nodeGunzip } from "../adapters/node/gunzip.ts";
import type { RunVerifyDependencies, RunVerifySettings } from "../engine/admin/run_verify.ts";
import { systemClock } from "../engine/clock.ts";
import type { Composition } from "./compose.ts";
import { COMMAND_LINE_LIMITS, EDGE_LIMITS } from "./limits.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * What a verify may cost in an edge function, which is killed at 2 s of CPU. With 16 MiB of JSON it took 1.4 to 1.8 s on a slow
 * machine (Deno 2.1.4, 39 members and 43 files, every byte of both), and its worker was ended in every second try.
 */
export const edgeVerify: RunVerifySettings = {
  limits: { requests: 200, readBytes: 40 * MEBIBYTE, rawBytes: 8 * MEBIBYTE, milliseconds: 90_000 },
  membersAtOnce: 1,
  largestMemberBytes: 8 * MEBIBYTE,
  filesAtOnce: 4,
  copies: EDGE_LIMITS.copies,
};

/** Limits for a machine of one's own. The largest member holds the longest row that a dump on such a machine takes. */
export const commandLineVerify: RunVerifySettings = {
  limits: { requests: Infinity, readBytes: Infinity, rawBytes: Infinity, milliseconds: Infinity },
  membersAtOnce: 4,
  largestMemberBytes: 900 * MEBIBYTE,
  filesAtOnce: 16,
  copies: COMMAND_LINE_LIMITS.copies,
};

export function composeVerify({ database, store, notifier }: Composition): RunVerifyDependencies {
  return {
    database,
    store,
    notifier,
    checksums: nodeChecksums,
    decompressor: nodeGunzip,
    clock: systemClock,
    random: Math.random,
  };
}
