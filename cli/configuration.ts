import { type Configuration, type Environment, readConfiguration } from "../supabase/functions/_shared/config/mod.ts";
import { accessVariables, backupVariables } from "../supabase/functions/_shared/config/variables.ts";
import { hasCode, LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** What a command touches. */
export type Need = "store" | "database" | "api";

/** Values for what a command does not touch, so that one reader checks all there is. Their addresses lead nowhere. */
const untouched: Readonly<Record<Need, Readonly<Record<string, string>>>> = {
  store: {
    AWS_S3_BUCKET: "not-needed",
    AWS_REGION: "not-needed",
    AWS_ACCESS_KEY_ID: "not-needed",
    AWS_SECRET_ACCESS_KEY: "not-needed",
  },
  database: { SUPABASE_DB_URL: "postgres://not-needed.invalid/postgres" },
  api: { SUPABASE_URL: "http://not-needed.invalid", SUPABASE_SECRET_KEYS: '{"default":"not-needed-not-needed"}' },
};

/**
 * The configuration with the parts that `needs` names as required, and only those: `list` works with S3's settings
 * alone. Throws `configuration_invalid` naming every problem.
 */
export function readSettings(environment: Environment, needs: readonly Need[]): Configuration {
  const complete: Record<string, string | undefined> = { ...environment };
  for (const need of ["store", "database", "api"] as const) {
    if (needs.includes(need)) continue;
    for (const [name, value] of Object.entries(untouched[need])) {
      if (!complete[name]?.trim()) complete[name] = value;
    }
  }
  try {
    return readConfiguration(complete);
  } catch (error) {
    if (!hasCode(error, "configuration_invalid")) throw error;
    const { code, kind, message, operation, subject } = error;
    const hint = "Set these in the environment, in a .env file or by flags; docs/CONFIGURATION.md explains each.";
    throw new LifeboatError({ code, kind, message, hint, operation, subject, cause: error });
  }
}

/** Without what else is set on a person's machine: a backup lists the names of what it was given. */
export function settingsIn(environment: Environment): Environment {
  const names = Object.keys({ ...accessVariables, ...backupVariables });
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}

/** The project's name, where the settings tell it: a bucket can be looked at without knowing whose it is. */
export function knownProject(environment: Environment, configuration: Configuration): string | undefined {
  const told = ["BACKUP_PROJECT", "SUPABASE_URL", "SUPABASE_DB_URL"].some((name) => environment[name]?.trim());
  return told ? configuration.project : undefined;
}
