import { createDumpCaller } from "../adapters/supabase/dump_caller.ts";
import type { Composition } from "./compose.ts";
import { composeDatabaseBackup } from "./database_backup.ts";
import type { DatabaseBackupDependencies } from "../engine/backup/run_database_backup.ts";
import { createProcessBudget } from "./process_budget.ts";

/** Dumping 20 MiB and starting takes most of 1 s of CPU, of the 2 s that a process has (docs/PERFORMANCE.md). */
const STEP_BYTES = 20 * 1024 * 1024;
/**
 * A snapshot that is held for long harms the database, so a slow database gets no longer steps. A request is sure of 75
 * s; this invocation's step and its successor's take 20 s each.
 */
const STEP_WALL_MS = 20_000;
/** Silence of two and a half heartbeats means that a worker is dead. One that was killed is noticed sooner, when its database session ends. */
const SILENT_MS = 25_000;
const POLL_MS = 1_500;
/** An invocation holds its snapshot for successors so long; the platform ends requests after 150 s on the free plan. */
const HOLD_MS = 110_000;

/** Identifies this process. */
const worker = crypto.randomUUID();

/** Builds the dump for a host that limits its invocations: each invocation takes over from the one before. */
export function composeChain(composition: Composition): DatabaseBackupDependencies {
  const { access, stepBytes = STEP_BYTES } = composition.configuration;
  const { dependencies } = composeDatabaseBackup(composition);
  const caller = createDumpCaller({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() });
  return {
    ...dependencies,
    dumpStarter: caller,
    chain: (ending) => ({
      starter: caller,
      worker,
      budget: (lostSteps) =>
        createProcessBudget({ bytes: stepBytes, wallMs: STEP_WALL_MS }, dependencies.clock, ending, lostSteps),
      pollMs: POLL_MS,
      silentMs: SILENT_MS,
      holdMs: HOLD_MS,
      ...ending && { ending },
    }),
  };
}
