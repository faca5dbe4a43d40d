import { type Configuration, type Environment, readConfiguration } from "../supabase/functions/_shared/config/mod.ts";
import { ACCESS_VARIABLES, BACKUP_VARIABLES } from "../supabase/functions/_shared/config/variables.ts";
import { hasCode, LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** A part of the configuration that a command uses. */
export type Need = "store" | "database" | "api";

/** Placeholders for unused parts, so that one reader checks all parts. Their addresses lead nowhere. */
const UNTOUCHED: Readonly<Record<Need, Readonly<Record<string, string>>>> = {
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
 * Reads the configuration and requires only the parts in `needs`: `list` works with the settings of S3 alone. Throws
 * `configuration_invalid` with the name of every problem.
 */
export function readSettings(environment: Environment, needs: readonly Need[]): Configuration {
  const complete: Record<string, string | undefined> = { ...environment };
  for (const need of ["store", "database", "api"] as const) {
    if (needs.includes(need)) continue;
    for (const [name, value] of Object.entries(UNTOUCHED[need])) {
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

/** Only Lifeboat's settings, because a backup records the names of all variables that it is given. */
export function settingsIn(environment: Environment): Environment {
  const names = Object.keys({ ...ACCESS_VARIABLES, ...BACKUP_VARIABLES });
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}

/** The project's name, where the settings contain it; a bucket can be listed without it. */
export function knownProject(environment: Environment, configuration: Configuration): string | undefined {
  const told = ["BACKUP_PROJECT", "SUPABASE_URL", "SUPABASE_DB_URL"].some((name) => environment[name]?.trim());
  return told ? configuration.project : undefined;
}
