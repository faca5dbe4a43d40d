import { nodeGzip } from "../adapters/node/gzip.ts";
import { createMediaCaller } from "../adapters/supabase/function_caller.ts";
import type { Environment } from "../config/mod.ts";
import type { DatabaseHalfDependencies, DatabaseHalfSettings } from "../engine/backup/database_half.ts";
import { systemClock } from "../engine/clock.ts";
import { edgeFunctions } from "../generated/edge_functions.ts";
import { recoveryGuide } from "../generated/recovery_guide.ts";
import type { Composition } from "./compose.ts";
import { composePing } from "./notifier.ts";

/** How long a run waits for a table that somebody alters, in milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;

/** What the dump of the database stands on. */
export function composeDatabaseBackup(
  { configuration, environment, limits, database, store, notifier }: Composition,
): { readonly dependencies: DatabaseHalfDependencies; readonly settings: DatabaseHalfSettings } {
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
      recoveryGuide,
      edgeFunctions,
      secretNames: secretNames(environment),
      ...configuration.buckets && { buckets: configuration.buckets },
    },
  };
}

/** Set by the platform or the machine, so that listing them would tell the owner nothing. */
const notOurs =
  /^(SUPABASE_|DENO_|SB_|EDGE_|PATH$|HOME$|PWD$|HOSTNAME$|LANG|LC_|TERM$|TMPDIR$|SHLVL$|_$|USER$|NO_COLOR$)/;

/** Names of the functions' secrets, so that nobody has to remember them on the bad day. Never their values. */
function secretNames(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => environment[name] && !notOurs.test(name)).sort();
}
