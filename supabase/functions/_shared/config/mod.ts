import { type AccessConfiguration, readAccessValues, toAccessConfiguration } from "./access.ts";
import { type Environment, Problems, readVariables, requireTogether, type Values } from "./read_variables.ts";
import type { R2Source } from "../engine/media/r2_sources.ts";
import type { Exclusions } from "./scope.ts";
import { Secret } from "./secret.ts";
import { BACKUP_VARIABLES } from "./variables.ts";

export { type AccessConfiguration, readAccessConfiguration } from "./access.ts";
export type { Environment } from "./read_variables.ts";
export type { R2Source } from "../engine/media/r2_sources.ts";
export type { Exclusions } from "./scope.ts";
export { createRedactor, Secret } from "./secret.ts";
export type { ColumnName, TableName } from "./values.ts";

/** All settings of Lifeboat. Secrets are wrapped, so that printing a configuration shows none. */
export interface Configuration {
  readonly access: AccessConfiguration;
  /** Part of the keys in S3; letters, digits, `-` and `_`. */
  readonly project: string;
  readonly store: StoreConfiguration;
  readonly schemas: readonly string[];
  /** The Storage buckets to back up; all of them when absent. */
  readonly buckets?: readonly string[];
  readonly exclude: Exclusions;
  /** Bytes of JSON that one invocation of a function dumps; the host's default when absent. */
  readonly stepBytes?: number;
  readonly r2: R2Configuration;
  /** Queries that a drill runs on the restored database. */
  readonly drillQueries: readonly string[];
  /** Without it no email is sent. */
  readonly email?: EmailConfiguration;
  /** Without it no outside monitor is pinged. */
  readonly pingUrl?: Secret;
  /** Link to the admin page in emails. */
  readonly adminUrl?: string;
  /** Every secret of this configuration, for `createRedactor`. */
  readonly secrets: readonly Secret[];
}

/** What is needed to report to the owner that something is wrong. */
export type NotificationConfiguration = Pick<Configuration, "project" | "email" | "pingUrl" | "adminUrl">;

export interface StoreConfiguration {
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  /** Without a slash at its end; absent for AWS. */
  readonly endpoint?: string;
  readonly forcePathStyle: boolean;
  /** Without it requests ask for no encryption. */
  readonly serverSideEncryption?: "AES256";
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

export interface R2Configuration {
  /** Without it the default sources are read; when empty, no inventory is made. */
  readonly sources?: readonly R2Source[];
  /** Without it the inventory is not compared with R2. */
  readonly store?: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly accessKeyId: Secret;
    readonly secretAccessKey: Secret;
  };
}

export interface EmailConfiguration {
  readonly apiKey: Secret;
  readonly from: string;
  readonly to: readonly string[];
  /** Resend's own address when absent. */
  readonly baseUrl?: string;
}

/**
 * Reads the configuration from the environment. Throws `configuration_invalid` (permanent) with every problem in its
 * message, by name of variable and never with a value.
 */
export function readConfiguration(environment: Environment): Configuration {
  const problems = new Problems();
  const platform = readAccessValues(environment, problems);
  const values = readVariables(BACKUP_VARIABLES, environment, problems);
  requireTogether(["R2_ENDPOINT", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"], environment, problems);
  requireTogether(["RESEND_API_KEY", "BACKUP_EMAIL_FROM", "BACKUP_EMAIL_TO"], environment, problems);
  problems.throwIfAny();

  const access = toAccessConfiguration(platform, values.BACKUP_ALLOWED_ORIGINS ?? "*");
  const onAws = values.S3_ENDPOINT === undefined;
  const encryption = values.S3_SSE ?? (onAws ? "AES256" : "off");
  return {
    access,
    project: projectName(values, access),
    store: {
      bucket: values.AWS_S3_BUCKET!,
      region: values.AWS_REGION!,
      accessKeyId: values.AWS_ACCESS_KEY_ID!,
      secretAccessKey: values.AWS_SECRET_ACCESS_KEY!,
      ...(values.S3_ENDPOINT && { endpoint: values.S3_ENDPOINT }),
      // TLS certificates of S3 cover one level of names, so a bucket with dots cannot be a host name.
      forcePathStyle: values.S3_FORCE_PATH_STYLE ?? (!onAws || values.AWS_S3_BUCKET!.includes(".")),
      ...(encryption === "AES256" && { serverSideEncryption: encryption }),
      prefix: values.S3_PREFIX ?? "",
    },
    schemas: values.BACKUP_SCHEMAS ?? ["public"],
    ...(values.BACKUP_BUCKETS && { buckets: values.BACKUP_BUCKETS }),
    exclude: values.BACKUP_EXCLUDE ?? { tables: [], columns: [] },
    ...(values.BACKUP_STEP_MIB && { stepBytes: Math.ceil(values.BACKUP_STEP_MIB * 1024 * 1024) }),
    r2: {
      ...(values.BACKUP_R2_SOURCES && { sources: values.BACKUP_R2_SOURCES }),
      ...(values.R2_ENDPOINT && {
        store: {
          endpoint: values.R2_ENDPOINT,
          bucket: values.R2_BUCKET!,
          accessKeyId: values.R2_ACCESS_KEY_ID!,
          secretAccessKey: values.R2_SECRET_ACCESS_KEY!,
        },
      }),
    },
    drillQueries: values.BACKUP_DRILL_QUERIES ?? [],
    ...notificationOf(values),
    secrets: secretsIn(access, values),
  };
}

/**
 * Reads the settings for reporting to the owner and leaves out those that are wrong, so that a mistake in any other
 * setting can still be reported by email. Never throws.
 */
export function readNotificationConfiguration(
  environment: Environment,
  access: AccessConfiguration,
): NotificationConfiguration {
  const problems = new Problems();
  const values = readVariables(BACKUP_VARIABLES, environment, problems);
  return { project: projectName(values, access), ...notificationOf(values) };
}

function projectName(values: Pick<BackupValues, "BACKUP_PROJECT">, access: AccessConfiguration): string {
  return values.BACKUP_PROJECT ?? projectReference(access) ?? "local";
}

function notificationOf(values: BackupValues): Omit<NotificationConfiguration, "project"> {
  const { RESEND_API_KEY, BACKUP_EMAIL_FROM, BACKUP_EMAIL_TO } = values;
  return {
    ...(RESEND_API_KEY && BACKUP_EMAIL_FROM && BACKUP_EMAIL_TO && {
      email: {
        apiKey: RESEND_API_KEY,
        from: BACKUP_EMAIL_FROM,
        to: BACKUP_EMAIL_TO,
        ...(values.RESEND_BASE_URL && { baseUrl: values.RESEND_BASE_URL }),
      },
    }),
    ...(values.BACKUP_PING_URL && { pingUrl: values.BACKUP_PING_URL }),
    ...(values.BACKUP_ADMIN_URL && { adminUrl: values.BACKUP_ADMIN_URL }),
  };
}

type BackupValues = Values<typeof BACKUP_VARIABLES>;

/** The project reference, taken from the address of a hosted project even when the API has a custom domain. */
function projectReference({ supabaseUrl, databaseUrl }: AccessConfiguration): string | undefined {
  for (const address of [supabaseUrl, databaseUrl.reveal()]) {
    const reference = /^(?:db\.)?([a-z0-9]{20})\.supabase\.[a-z]+$/.exec(new URL(address).hostname)?.[1];
    if (reference) return reference;
  }
}

function secretsIn(access: AccessConfiguration, values: Readonly<Record<string, unknown>>): Secret[] {
  const password = new URL(access.databaseUrl.reveal()).password;
  return [
    access.databaseUrl,
    new Secret(password),
    new Secret(decodeOrKeep(password)),
    ...access.secretKeys,
    ...Object.values(values).filter((value) => value instanceof Secret),
  ];
}

/** A password with a bare `%` is not percent-encoded, and is kept as it is. */
function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
