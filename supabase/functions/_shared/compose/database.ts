import { createPostgresDatabase } from "../adapters/postgres/database.ts";
import type { AccessConfiguration } from "../config/mod.ts";
import type { Database } from "../engine/database.ts";

/** The project's database. `stallTimeoutMs`: silence after which a connection counts as lost; a default when absent. */
export function composeDatabase(access: AccessConfiguration, stallTimeoutMs?: number): Database {
  return createPostgresDatabase({ url: access.databaseUrl.reveal(), ...stallTimeoutMs && { stallTimeoutMs } });
}
