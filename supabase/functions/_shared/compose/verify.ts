import { nodeChecksums } from "../adapters/node/checksum.ts";
import { nodeGunzip } from "../adapters/node/gunzip.ts";
import { createVerifyCaller } from "../adapters/supabase/verify_caller.ts";
import type { RunVerifyDependencies, RunVerifySettings } from "../engine/admin/run_verify.ts";
import { systemClock } from "../engine/clock.ts";
import type { Composition } from "./compose.ts";
import type { VerifyHost } from "../engine/verify/verify_chain.ts";
import { COMMAND_LINE_LIMITS, EDGE_LIMITS } from "./limits.ts";
import { createProcessBudget } from "./process_budget.ts";

const MEBIBYTE = 1024 * 1024;

/** Limits under which a verify fits into the 256 MB of an edge function. */
export const EDGE_VERIFY: RunVerifySettings = {
  membersAtOnce: 1,
  largestMemberBytes: 8 * MEBIBYTE,
  filesAtOnce: 4,
  // SHA-256 takes 2.8 ms of CPU per MiB on Deno 2.1.4, and reading from the network as much: at most 0.4 s a file.
  largestFileBytes: 64 * MEBIBYTE,
  largestSampleBytes: 200_000_000,
  // Such a manifest names some 120,000 files. Each invocation unpacks it anew, which takes 0.4 s of CPU (docs/PERFORMANCE.md).
  largestMediaManifestBytes: 16 * MEBIBYTE,
  copies: EDGE_LIMITS.copies,
};

/** Limits for a machine of one's own. The largest member holds the longest row that a dump on such a machine takes. */
export const COMMAND_LINE_VERIFY: RunVerifySettings = {
  membersAtOnce: 4,
  largestMemberBytes: 900 * MEBIBYTE,
  filesAtOnce: 16,
  largestFileBytes: Infinity,
  largestSampleBytes: Infinity,
  largestMediaManifestBytes: Infinity,
  copies: COMMAND_LINE_LIMITS.copies,
};

/** Checking 8 MiB of JSON takes some 0.5 s of CPU, and starting 0.2 s (docs/PERFORMANCE.md). */
const STEP_BYTES = 8 * MEBIBYTE;
/** A request is sure of 75 s. After this time nothing new is checked; what is under way has the rest. */
const STEP_WALL_MS = 30_000;
/** Silence of two and a half heartbeats means that a worker is dead. */
const SILENT_MS = 25_000;
const POLL_MS = 2_000;
/** The platform ends a worker 150 s after its first request on the free plan. */
const WATCH_MS = 100_000;

/** What lets a verify go on in another invocation. `ending` announces the end of this one. */
export function composeVerifyHost({ configuration }: Composition, ending: AbortSignal): VerifyHost {
  const { access, stepBytes = STEP_BYTES } = configuration;
  const bytes = Math.min(stepBytes, STEP_BYTES);
  return {
    starter: createVerifyCaller({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() }),
    budget: (lostSteps) => createProcessBudget({ bytes, wallMs: STEP_WALL_MS }, systemClock, ending, lostSteps),
    pollMs: POLL_MS,
    silentMs: SILENT_MS,
    watchMs: WATCH_MS,
    ending,
  };
}

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
