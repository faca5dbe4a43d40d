import { createDumpCaller } from "../adapters/supabase/dump_caller.ts";
import type { Composition } from "./compose.ts";
import { composeDatabaseBackup } from "./database_backup.ts";
import type { DatabaseHalfDependencies } from "../engine/backup/database_half.ts";
import { createProcessBudget } from "../edge/process_budget.ts";

/** CPU follows bytes: with its start, a process that dumped so much has used most of 1 s (docs/PERFORMANCE.md). */
const STEP_BYTES = 20 * 1024 * 1024;
/**
 * A slow database is no reason to hold the snapshot for long: of the 75 s that a request is sure of, a step and its
 * successor's take 20 s each.
 */
const STEP_WALL_MS = 20_000;
/** Two and a half heartbeats. A worker that was killed is seen at once, by the end of its session. */
const SILENT_MS = 25_000;
const POLL_MS = 1_500;
/** Of 150 s on the free plan. https://supabase.com/docs/guides/functions/limits */
const HOLD_MS = 110_000;

/** Of this process. */
const worker = crypto.randomUUID();

/** The dump of a host whose invocations are limited: it goes on from one to the next. */
export function composeChain(composition: Composition): DatabaseHalfDependencies {
  const { access, stepBytes = STEP_BYTES } = composition.configuration;
  const { dependencies } = composeDatabaseBackup(composition);
  const caller = createDumpCaller({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() });
  return {
    ...dependencies,
    dumpStarter: caller,
    chain: (ending) => ({
      starter: caller,
      worker,
      budget: () => createProcessBudget({ bytes: stepBytes, wallMs: STEP_WALL_MS }, dependencies.clock, ending),
      pollMs: POLL_MS,
      silentMs: SILENT_MS,
      holdMs: HOLD_MS,
      ...ending && { ending },
    }),
  };
}
