import { type Environment, isSet, Problems, readVariables, type Values } from "./read_variables.ts";
import type { Secret } from "./secret.ts";
import { accessVariables, backupVariables } from "./variables.ts";

/**
 * What it takes to tell who is calling: apart from the rest, so that a caller is authenticated, and an admin told what
 * is wrong, while the rest of the configuration is not right yet.
 */
export interface AccessConfiguration {
  /** Without a slash at its end. */
  readonly supabaseUrl: string;
  readonly databaseUrl: Secret;
  /** Every key that identifies the service: all secret keys and the legacy service role key. */
  readonly secretKeys: readonly Secret[];
  /** The key for our own calls to the project's APIs. */
  readonly serviceKey: Secret;
  readonly legacyServiceRoleKey?: Secret;
  /** Sent as `apikey` to the Auth API. */
  readonly publicKey: Secret;
  readonly allowedOrigins: "*" | readonly string[];
}

/** Reads the platform's variables. Throws `configuration_invalid` naming every problem. */
export function readAccessConfiguration(environment: Environment): AccessConfiguration {
  const problems = new Problems();
  const values = readAccessValues(environment, problems);
  problems.throwIfAny();
  return toAccessConfiguration(values, readAllowedOrigins(environment));
}

/**
 * The owner's one setting here. A mistake in it allows no page, and is left for `readConfiguration` to tell: thrown here,
 * no call of cron would become a run that says so.
 */
function readAllowedOrigins(environment: Environment): AccessConfiguration["allowedOrigins"] {
  const { BACKUP_ALLOWED_ORIGINS } = backupVariables;
  const values = readVariables({ BACKUP_ALLOWED_ORIGINS }, environment, new Problems());
  return values.BACKUP_ALLOWED_ORIGINS ?? (isSet(environment, "BACKUP_ALLOWED_ORIGINS") ? [] : "*");
}

export type AccessValues = Values<typeof accessVariables>;

export function readAccessValues(environment: Environment, problems: Problems): AccessValues {
  const values = readVariables(accessVariables, environment, problems);
  if (Object.keys(values.SUPABASE_SECRET_KEYS ?? {}).length === 0 && !values.SUPABASE_SERVICE_ROLE_KEY) {
    problems.add("SUPABASE_SECRET_KEYS", "and SUPABASE_SERVICE_ROLE_KEY are both missing: one of them is needed");
  }
  return values;
}

/** Only for values without problems. */
export function toAccessConfiguration(
  values: AccessValues,
  allowedOrigins: AccessConfiguration["allowedOrigins"],
): AccessConfiguration {
  const legacyServiceRoleKey = values.SUPABASE_SERVICE_ROLE_KEY;
  const serviceKey = preferred(values.SUPABASE_SECRET_KEYS) ?? legacyServiceRoleKey!;
  return {
    supabaseUrl: values.SUPABASE_URL!,
    databaseUrl: values.SUPABASE_DB_URL!,
    secretKeys: [
      ...Object.values(values.SUPABASE_SECRET_KEYS ?? {}),
      ...(legacyServiceRoleKey ? [legacyServiceRoleKey] : []),
    ],
    serviceKey,
    ...(legacyServiceRoleKey && { legacyServiceRoleKey }),
    publicKey: preferred(values.SUPABASE_PUBLISHABLE_KEYS) ?? values.SUPABASE_ANON_KEY ?? serviceKey,
    allowedOrigins,
  };
}

function preferred(keys: Readonly<Record<string, Secret>> = {}): Secret | undefined {
  return keys.default ?? Object.values(keys)[0];
}
