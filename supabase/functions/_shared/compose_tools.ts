import { nodeChecksums } from "./adapters/node_checksum.ts";
import { createMigrationDatabase } from "./adapters/postgres_migration_database.ts";
import { createProjectProbe } from "./adapters/project_probe.ts";
import { createS3BucketSettings } from "./adapters/s3_bucket_settings.ts";
import type { AccessConfiguration, Configuration } from "./config.ts";
import type { Checksums } from "./engine/checksum.ts";
import type { BucketSettings, Probe } from "./engine/doctor/mod.ts";
import type { MigrationDatabase } from "./engine/install/mod.ts";

// What only the command line needs, apart from compose.ts so that no function's bundle holds it.

export interface Installer {
  readonly database: MigrationDatabase;
  readonly checksums: Checksums;
}

export function composeInstaller(access: AccessConfiguration): Installer {
  return { database: createMigrationDatabase(access.databaseUrl.reveal()), checksums: nodeChecksums };
}

export function composeBucketSettings({ store }: Configuration): BucketSettings {
  return createS3BucketSettings({
    bucket: store.bucket,
    region: store.region,
    accessKeyId: store.accessKeyId.reveal(),
    secretAccessKey: store.secretAccessKey.reveal(),
    ...store.endpoint && { endpoint: store.endpoint },
    forcePathStyle: store.forcePathStyle,
  });
}

export function composeProbe(access: AccessConfiguration): Probe {
  return createProjectProbe(access.supabaseUrl, access.serviceKey.reveal());
}
