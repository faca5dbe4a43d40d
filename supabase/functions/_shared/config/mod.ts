import { type AccessConfiguration, readAccessValues, toAccessConfiguration } from "./access.ts";
import { type Environment, Problems, readVariables, requireTogether, type Values } from "./read_variables.ts";
import type { Exclusions, R2Source } from "./scope.ts";
import { Secret } from "./secret.ts";
import { backupVariables } from "./variables.ts";

export { type AccessConfiguration, readAccessConfiguration } from "./access.ts";
export type { Environment } from "./read_variables.ts";
export type { Exclusions, R2Source } from "./scope.ts";
export { createRedactor, Secret } from "./secret.ts";
export type { ColumnName, TableName } from "./values.ts";

/** Everything that Lifeboat can be told. Secrets are wrapped: printing a configuration shows none. */
export interface Configuration {
  readonly access: AccessConfiguration;
  /** Stands in keys; letters, digits, `-` and `_`. */
  readonly project: string;
  readonly store: StoreConfiguration;
  readonly schemas: readonly string[];
  /** The Storage buckets to back up; all of them when absent. */
  readonly buckets?: readonly string[];
  readonly exclude: Exclusions;
  /** Bytes of JSON that one call of a function dumps; a default when absent. */
  readonly stepBytes?: number;
  readonly r2: R2Configuration;
  /** What a drill asks the restored database. */
  readonly drillQueries: readonly string[];
  /** Absent: no email is sent. */
  readonly email?: EmailConfiguration;
  /** Absent: no outside monitor is told. */
  readonly pingUrl?: Secret;
  /** Link to the admin page in emails. */
  readonly adminUrl?: string;
  /** Every secret of this configuration, for `createRedactor`. */
  readonly secrets: readonly Secret[];
}

/** What it takes to tell the owner that something is wrong. */
export type NotificationConfiguration = Pick<Configuration, "project" | "email" | "pingUrl" | "adminUrl">;

export interface StoreConfiguration {
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  /** Without a slash at its end; absent for AWS. */
  readonly endpoint?: string;
  readonly forcePathStyle: boolean;
  /** Absent: no encryption is asked for with the requests. */
  readonly serverSideEncryption?: "AES256";
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

export interface R2Configuration {
  /** Absent: the default sources. Empty: no inventory. */
  readonly sources?: readonly R2Source[];
  /** Absent: the inventory is not compared with R2. */
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
  /** Absent: Resend's own. */
  readonly baseUrl?: string;
}

/**
 * Reads the configuration from the environment. Throws `configuration_invalid` (permanent) with every problem in its
 * message, by name of variable and never with a value.
 */
export function readConfiguration(environment: Environment): Configuration {
  const problems = new Problems();
  const platform = readAccessValues(environment, problems);
  const values = readVariables(backupVariables, environment, problems);
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
 * As much as can be read of what telling the owner takes, so that a mistake elsewhere in the configuration is told too.
 * Parts with a problem of their own are absent. Never throws for their sake.
 */
export function readNotificationConfiguration(
  environment: Environment,
  access: AccessConfiguration,
): NotificationConfiguration {
  const problems = new Problems();
  const values = readVariables(backupVariables, environment, problems);
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

type BackupValues = Values<typeof backupVariables>;

/** The project's reference where a hosted project's address tells it, also behind a custom domain. */
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

/** A password with a bare `%` is not percent-encoded. */
function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
