import { type GzipWorkers, startGzipWorkers } from "../adapters/node/gzip_workers.ts";
import { nodeChecksums } from "../adapters/node/checksum.ts";
import { nodeGunzip } from "../adapters/node/gunzip.ts";
import { createPostgresDatabase } from "../adapters/postgres/database.ts";
import { createMigrationDatabase } from "../adapters/postgres/migration_database.ts";
import { createProjectProbe } from "../adapters/supabase/project_probe.ts";
import { createS3BucketSettings } from "../adapters/s3/bucket_settings.ts";
import { createHttpStorageTarget } from "../adapters/storage/target.ts";
import { composeStore, s3SettingsOf } from "./store.ts";
import type { AccessConfiguration, Configuration, Secret } from "../config/mod.ts";
import type { Checksums } from "../engine/checksum.ts";
import { systemClock } from "../engine/clock.ts";
import type { BucketSettings, Probe } from "../engine/doctor/mod.ts";
import type { MigrationDatabase } from "../engine/install/mod.ts";
import type { RestoreDependencies } from "../engine/restore/mod.ts";

// Only the command line needs these. They are apart from compose.ts so that no function's bundle contains them.

export interface Installer {
  readonly database: MigrationDatabase;
  readonly checksums: Checksums;
}

export function composeInstaller(access: AccessConfiguration): Installer {
  return { database: createMigrationDatabase(access.databaseUrl.reveal()), checksums: nodeChecksums };
}

export function composeBucketSettings({ store }: Configuration): BucketSettings {
  return createS3BucketSettings(s3SettingsOf(store));
}

export function composeProbe(access: AccessConfiguration): Probe {
  return createProjectProbe(access.supabaseUrl, access.serviceKey.reveal());
}

/** Starts gzip threads for a dump on a machine whose other cores would be idle. The caller closes them. */
export function composeGzipWorkers(count: number): GzipWorkers {
  return startGzipWorkers(count);
}

/** The project that a restore writes to. */
export interface RestoreTarget {
  readonly databaseUrl: Secret;
  /** Without it no file is restored. */
  readonly storage?: { readonly supabaseUrl: string; readonly secretKey: Secret };
}

export function composeRestore(configuration: Configuration, target: RestoreTarget): RestoreDependencies {
  const { storage } = target;
  return {
    store: composeStore(configuration),
    checksums: nodeChecksums,
    decompressor: nodeGunzip,
    clock: systemClock,
    // Making an index or a foreign key over a large table takes hours without a byte on the connection.
    database: createPostgresDatabase({ url: target.databaseUrl.reveal(), queryTimeoutMs: 86_400_000 }),
    ...storage && {
      storage: createHttpStorageTarget({ supabaseUrl: storage.supabaseUrl, secretKey: storage.secretKey.reveal() }),
    },
  };
}
