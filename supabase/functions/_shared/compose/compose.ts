import { createMediaCaller } from "../adapters/supabase/function_caller.ts";
import { createHttpPing } from "../adapters/notify/http_ping.ts";
import { lastingChecksums, nodeChecksums } from "../adapters/node/checksum.ts";
import { nodeGzip } from "../adapters/node/gzip.ts";
import { createPostgresDatabase } from "../adapters/postgres/database.ts";
import { createResendMailer } from "../adapters/notify/resend_mailer.ts";
import { createS3ObjectStore } from "../adapters/s3/object_store.ts";
import type { S3Settings } from "../adapters/s3/settings.ts";
import { createHttpStorageSource } from "../adapters/storage/http.ts";
import { createSupabaseAuth } from "../adapters/supabase/auth.ts";
import type {
  AccessConfiguration,
  Configuration,
  Environment,
  NotificationConfiguration,
  StoreConfiguration,
} from "../config/mod.ts";
import type { DatabaseHalfDependencies, DatabaseHalfSettings } from "../engine/backup/database_half.ts";
import type { MediaHalfDependencies, MediaHalfSettings } from "../engine/backup/media_half.ts";
import { createPointNotifier, type PointNotifier } from "../engine/backup/point_notifier.ts";
import type { Checksums } from "../engine/checksum.ts";
import { systemClock } from "../engine/clock.ts";
import type { CopiesLimits } from "../engine/copies/mod.ts";
import type { Database } from "../engine/database.ts";
import { createEmailNotifier } from "../engine/notify/email_notifier.ts";
import { limitingStore } from "../engine/store/limiting_store.ts";
import type { ObjectStore } from "../engine/store/object_store.ts";
import { prefixedStore } from "../engine/store/prefixed_store.ts";
import { retryingStore } from "../engine/store/retrying_store.ts";
import { edgeFunctions } from "../generated/edge_functions.ts";
import { recoveryGuide } from "../generated/recovery_guide.ts";
import { createAccess } from "../http/access.ts";
import { isAdmin } from "../http/admin_role.ts";
import type { Access } from "../http/handler.ts";

/** What the host can afford. An edge function has 256 MB for everything. */
export interface HostLimits {
  /** Longest JSON of one row, in bytes. It passes through memory about four times. */
  readonly maxRowBytes: number;
  /** Objects copied at once, and bytes held for them. */
  readonly mediaConcurrency: number;
  readonly mediaBytesInFlight: number;
  /** Files up to this size need not be copied in parts, which another process could go on from. */
  readonly mediaOneRequestBytes: number;
  /** Of what goes through: with a state that another process can go on from, or faster. */
  readonly checksums: Checksums;
  /** Stored files whose bookkeeping can be compared with the bucket in one go. */
  readonly copies: CopiesLimits;
}

const MEBIBYTE = 1024 * 1024;

/** Measured in docs/PERFORMANCE.md: with these a function stays below 200 MB. */
export const edgeLimits: HostLimits = {
  maxRowBytes: 32 * MEBIBYTE,
  mediaConcurrency: 12,
  mediaBytesInFlight: 15 * MEBIBYTE,
  mediaOneRequestBytes: 0,
  checksums: nodeChecksums,
  copies: { copies: 10_000, manifestBytes: 2 * MEBIBYTE },
};

/** A machine of one's own. Postgres itself ends at 1 GB a value. */
export const commandLineLimits: HostLimits = {
  maxRowBytes: 900 * MEBIBYTE,
  mediaConcurrency: 16,
  mediaBytesInFlight: 256 * MEBIBYTE,
  mediaOneRequestBytes: 256 * MEBIBYTE,
  checksums: lastingChecksums,
  copies: { copies: Infinity, manifestBytes: Infinity },
};

/** How long a run waits for a table that somebody alters, in milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;

/** A caller waits for the answer, so an unreachable database is said sooner than a run would say it. */
const ADMIN_CHECK_TIMEOUT_MS = 10_000;

/** Everything that the operations need, built and stacked; the only place where adapters are chosen. */
export interface Composition {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly store: ObjectStore;
  readonly notifier: PointNotifier;
  readonly databaseHalf: { readonly dependencies: DatabaseHalfDependencies; readonly settings: DatabaseHalfSettings };
  readonly mediaHalf: { readonly dependencies: MediaHalfDependencies; readonly settings: MediaHalfSettings };
}

export function compose(configuration: Configuration, environment: Environment, limits: HostLimits): Composition {
  const { access, project } = configuration;
  const database = composeDatabase(access);
  const store = composeStore(configuration);
  const notifier = composeNotifier(configuration);
  const ping = composePing(configuration);
  const shared = { database, store, checksums: limits.checksums, clock: systemClock, notifier };
  return {
    configuration,
    database,
    store,
    notifier,
    databaseHalf: {
      dependencies: {
        ...shared,
        compressor: nodeGzip,
        ...ping && { ping },
        mediaStarter: createMediaCaller({
          supabaseUrl: access.supabaseUrl,
          secretKey: access.serviceKey.reveal(),
        }),
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
    },
    mediaHalf: {
      dependencies: {
        ...shared,
        compressor: nodeGzip,
        source: createHttpStorageSource({
          supabaseUrl: access.supabaseUrl,
          secretKey: access.serviceKey.reveal(),
        }),
        ...configuration.r2.store && { r2: composeR2(configuration.r2.store) },
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
    },
  };
}

export function composeDatabase(access: AccessConfiguration, stallTimeoutMs?: number): Database {
  return createPostgresDatabase({ url: access.databaseUrl.reveal(), ...stallTimeoutMs && { stallTimeoutMs } });
}

/** Who may call. */
export function composeAccess(access: AccessConfiguration, configuration?: Configuration): Access {
  const auth = createSupabaseAuth({
    supabaseUrl: access.supabaseUrl,
    publicKey: access.publicKey.reveal(),
    secretKeys: access.secretKeys.map((key) => key.reveal()),
    ...access.legacyServiceRoleKey && { legacyServiceRoleKey: access.legacyServiceRoleKey.reveal() },
  });
  const database = composeDatabase(access, ADMIN_CHECK_TIMEOUT_MS);
  return createAccess(
    access,
    { ...auth, isAdmin: (userId, signal) => isAdmin(database, userId, signal) },
    configuration?.secrets,
  );
}

/** Retrying outermost, so that a request that waits its turn again does not hold one. */
export function composeStore({ store }: Configuration): ObjectStore {
  return prefixedStore(stacked(s3SettingsOf(store)), store.prefix);
}

/** How the backups' bucket is reached. */
export function s3SettingsOf(store: StoreConfiguration): S3Settings {
  return {
    bucket: store.bucket,
    region: store.region,
    accessKeyId: store.accessKeyId.reveal(),
    secretAccessKey: store.secretAccessKey.reveal(),
    ...store.endpoint && { endpoint: store.endpoint },
    forcePathStyle: store.forcePathStyle,
    ...store.serverSideEncryption && { serverSideEncryption: store.serverSideEncryption },
  };
}

function composeR2(r2: NonNullable<Configuration["r2"]["store"]>): ObjectStore {
  return stacked({
    bucket: r2.bucket,
    region: "auto",
    endpoint: r2.endpoint,
    accessKeyId: r2.accessKeyId.reveal(),
    secretAccessKey: r2.secretAccessKey.reveal(),
  });
}

function stacked(settings: S3Settings): ObjectStore {
  const streams = { streamBytes: 16 * MEBIBYTE, sizedStreamBytes: 3 * MEBIBYTE };
  const limits = { requests: 24, bytes: 64 * MEBIBYTE, ...streams };
  return retryingStore(limitingStore(createS3ObjectStore(settings), limits), systemClock, Math.random);
}

function composePing({ pingUrl }: Pick<Configuration, "pingUrl">) {
  return pingUrl && createHttpPing(pingUrl.reveal());
}

/** From as much of the configuration as telling somebody takes. */
export function composeNotifier(configuration: NotificationConfiguration): PointNotifier {
  const { project, email, adminUrl } = configuration;
  const ping = composePing(configuration);
  return createPointNotifier({
    clock: systemClock,
    project,
    emails: createEmailNotifier({
      clock: systemClock,
      ...adminUrl && { adminUrl },
      ...email && {
        mailer: createResendMailer({
          apiKey: email.apiKey.reveal(),
          from: email.from,
          to: email.to,
          clock: systemClock,
          ...email.baseUrl && { baseUrl: email.baseUrl },
        }),
      },
    }),
    ...ping && { ping },
  });
}

/** Set by the platform or the machine, so that listing them would tell the owner nothing. */
const notOurs =
  /^(SUPABASE_|DENO_|SB_|EDGE_|PATH$|HOME$|PWD$|HOSTNAME$|LANG|LC_|TERM$|TMPDIR$|SHLVL$|_$|USER$|NO_COLOR$)/;

/** Names of the functions' secrets, so that nobody has to remember them on the bad day. Never their values. */
function secretNames(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => environment[name] && !notOurs.test(name)).sort();
}
