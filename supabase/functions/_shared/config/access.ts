import { type Environment, isSet, Problems, readVariables, type Values } from "./read_variables.ts";
import type { Secret } from "./secret.ts";
import { ACCESS_VARIABLES, BACKUP_VARIABLES } from "./variables.ts";

/**
 * What is needed to tell who is calling. It is read apart from the rest of the configuration, so that an admin can
 * still log in and read what is wrong with the rest.
 */
export interface AccessConfiguration {
  /** Without a slash at its end. */
  readonly supabaseUrl: string;
  readonly databaseUrl: Secret;
  /** Every key that identifies the service: all secret keys and the legacy service role key. */
  readonly secretKeys: readonly Secret[];
  /** The key with which Lifeboat calls the project's own APIs. */
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
 * Reads `BACKUP_ALLOWED_ORIGINS`. A mistake in it allows no page and throws nothing here, because cron calls would then
 * fail before a run exists that could report it; `readConfiguration` reports it.
 */
function readAllowedOrigins(environment: Environment): AccessConfiguration["allowedOrigins"] {
  const { BACKUP_ALLOWED_ORIGINS } = BACKUP_VARIABLES;
  const values = readVariables({ BACKUP_ALLOWED_ORIGINS }, environment, new Problems());
  return values.BACKUP_ALLOWED_ORIGINS ?? (isSet(environment, "BACKUP_ALLOWED_ORIGINS") ? [] : "*");
}

export type AccessValues = Values<typeof ACCESS_VARIABLES>;

export function readAccessValues(environment: Environment, problems: Problems): AccessValues {
  const values = readVariables(ACCESS_VARIABLES, environment, problems);
  if (Object.keys(values.SUPABASE_SECRET_KEYS ?? {}).length === 0 && !values.SUPABASE_SERVICE_ROLE_KEY) {
    problems.add("SUPABASE_SECRET_KEYS", "and SUPABASE_SERVICE_ROLE_KEY are both missing: one of them is needed");
  }
  return values;
}

/** Takes values that `readVariables` found no problem with. */
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
