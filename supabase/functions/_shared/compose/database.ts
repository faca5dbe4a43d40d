import { createPostgresDatabase } from "../adapters/postgres/database.ts";
import type { AccessConfiguration } from "../config/mod.ts";
import type { Database } from "../engine/database.ts";

/** The project's database. A connection counts as lost after `stallTimeoutMs` of silence, 60 s when absent. */
export function composeDatabase(access: AccessConfiguration, stallTimeoutMs?: number): Database {
  return createPostgresDatabase({ url: access.databaseUrl.reveal(), ...stallTimeoutMs && { stallTimeoutMs } });
}
