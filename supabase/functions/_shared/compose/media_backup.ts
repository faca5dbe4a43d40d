import { nodeGzip } from "../adapters/node/gzip.ts";
import { createHttpStorageSource } from "../adapters/storage/http.ts";
import type { MediaBackupDependencies, MediaBackupSettings } from "../engine/backup/run_media_backup.ts";
import { systemClock } from "../engine/clock.ts";
import type { Composition } from "./compose.ts";
import { composeR2Store } from "./store.ts";

export function composeMediaBackup(
  { configuration, limits, database, store, notifier }: Composition,
): { readonly dependencies: MediaBackupDependencies; readonly settings: MediaBackupSettings } {
  const { access, project } = configuration;
  return {
    dependencies: {
      database,
      store,
      notifier,
      checksums: limits.checksums,
      clock: systemClock,
      compressor: nodeGzip,
      source: createHttpStorageSource({ supabaseUrl: access.supabaseUrl, secretKey: access.serviceKey.reveal() }),
      ...configuration.r2.store && { r2: composeR2Store(configuration.r2.store) },
    },
    settings: {
      project,
      projectUrl: access.supabaseUrl,
      concurrency: limits.mediaConcurrency,
      maxBytesInFlight: limits.mediaBytesInFlight,
      oneRequestBytes: limits.mediaOneRequestBytes,
      copies: limits.copies,
      ...configuration.buckets && { buckets: configuration.buckets },
      ...configuration.r2.sources && { r2Sources: configuration.r2.sources },
    },
  };
}
