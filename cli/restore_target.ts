import type { RestoreTarget } from "../supabase/functions/_shared/compose/tools.ts";
import { type Environment, Secret } from "../supabase/functions/_shared/config/mod.ts";
import { baseUrl, databaseUrl } from "../supabase/functions/_shared/config/values.ts";
import { usage } from "./settings.ts";

/** An address that leads nowhere, for a restore of files alone, which uses no database. */
const nowhere = new Secret("postgres://not-needed.invalid/postgres");

/** Reads the target of a restore from flags or `RESTORE_TARGET_…`. Throws `usage_invalid`, never with a value in it. */
export function readRestoreTarget(environment: Environment, needsDatabase: boolean): RestoreTarget {
  const [address, api, key] = ["RESTORE_TARGET_DB_URL", "RESTORE_TARGET_URL", "RESTORE_TARGET_SECRET_KEY"]
    .map((name) => environment[name]?.trim() || undefined);
  if (needsDatabase && !address) throw usage("Say where to restore into: --target-db, or RESTORE_TARGET_DB_URL.");
  if (!api !== !key) throw usage("--target-url and --target-key belong together.");
  const database = readAddress("--target-db", address) ?? nowhere;
  if (!api || !key) return { databaseUrl: database };
  const supabaseUrl = baseUrl.safeParse(api);
  if (!supabaseUrl.success) throw usage(`--target-url ${supabaseUrl.error.issues[0].message}.`);
  return { databaseUrl: database, storage: { supabaseUrl: supabaseUrl.data, secretKey: new Secret(key) } };
}

/** Reads which server a drill uses; undefined means the project's own. Throws `usage_invalid`. */
export function readScratchServer(environment: Environment): Secret | undefined {
  return readAddress("--scratch-db", environment.RESTORE_SCRATCH_DB_URL?.trim());
}

function readAddress(flag: string, address: string | undefined): Secret | undefined {
  if (!address) return undefined;
  const read = databaseUrl.safeParse(address);
  if (!read.success) throw usage(`${flag} ${read.error.issues[0].message}.`);
  return read.data;
}
