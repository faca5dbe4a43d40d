import { nodeChecksums } from "./adapters/node_checksum.ts";
import { createMigrationDatabase } from "./adapters/postgres_migration_database.ts";
import type { AccessConfiguration } from "./config.ts";
import type { Checksums } from "./engine/checksum.ts";
import type { MigrationDatabase } from "./engine/install/mod.ts";

// What only the command line needs, apart from compose.ts so that no function's bundle holds it.

export interface Installer {
  readonly database: MigrationDatabase;
  readonly checksums: Checksums;
}

export function composeInstaller(access: AccessConfiguration): Installer {
  return { database: createMigrationDatabase(access.databaseUrl.reveal()), checksums: nodeChecksums };
}
