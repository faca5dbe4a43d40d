import { nodeGzip } from "../adapters/node/gzip.ts";
import { createMediaCaller } from "../adapters/supabase/function_caller.ts";
import type { Environment } from "../config/mod.ts";
import type { DatabaseBackupDependencies, DatabaseBackupSettings } from "../engine/backup/run_database_backup.ts";
import { systemClock } from "../engine/clock.ts";
import { EDGE_FUNCTIONS } from "../generated/edge_functions.ts";
import { RECOVERY_GUIDE } from "../generated/recovery_guide.ts";
import type { Composition } from "./compose.ts";
import { composePing } from "./notifier.ts";

/** How long a run waits for a table that another session alters, in milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;

export function composeDatabaseBackup(
  { configuration, environment, limits, database, store, notifier }: Composition,
): { readonly dependencies: DatabaseBackupDependencies; readonly settings: DatabaseBackupSettings } {
  const { access } = configuration;
  const ping = composePing(configuration);
  return {
    dependencies: {
      database,
      store,
      notifier,
      checksums: limits.checksums,
      clock: systemClock,
      compressor: nodeGzip,
      ...ping && { ping },
      mediaStarter: createMediaCaller({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() }),
    },
    settings: {
      scope: {
        schemas: configuration.schemas,
        excludedTables: configuration.exclude.tables,
        excludedColumns: configuration.exclude.columns,
      },
      projectUrl: access.supabaseUrl,
      maxRowBytes: limits.maxRowBytes,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      recoveryGuide: RECOVERY_GUIDE,
      edgeFunctions: EDGE_FUNCTIONS,
      secretNames: secretNames(environment),
      ...configuration.buckets && { buckets: configuration.buckets },
    },
  };
}

/** Variables that the platform or the machine sets, so that listing them would not help the owner. */
const HOST_VARIABLES =
  /^(SUPABASE_|DENO_|SB_|EDGE_|PATH$|HOME$|PWD$|HOSTNAME$|LANG|LC_|TERM$|TMPDIR$|SHLVL$|_$|USER$|NO_COLOR$)/;

/** Names, never values, of the functions' secrets: after a disaster the owner must know which ones to set again. */
function secretNames(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => environment[name] && !HOST_VARIABLES.test(name)).sort();
}
