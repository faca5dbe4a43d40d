import { Option } from "@commander-js/extra-typings";
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { type Environment, Secret } from "../supabase/functions/_shared/config/mod.ts";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

type Flag = readonly [flags: string, variable: string, description: string];

/** Flags for common settings of docs/CONFIGURATION.md; `--set` gives any other. */
const FLAGS: readonly Flag[] = [
  ["--db-url <url>", "SUPABASE_DB_URL", "direct connection to the database"],
  ["--supabase-url <url>", "SUPABASE_URL", "the project's API"],
  ["--secret-key <key>", "SUPABASE_SECRET_KEYS", "the project's secret API key"],
  ["--project <name>", "BACKUP_PROJECT", "name of the project in keys"],
  ["--s3-bucket <name>", "AWS_S3_BUCKET", "bucket that holds the backups"],
  ["--s3-region <region>", "AWS_REGION", "the bucket's region"],
  ["--s3-endpoint <url>", "S3_ENDPOINT", "S3-compatible provider other than AWS"],
  ["--s3-prefix <path>", "S3_PREFIX", "stands before every key"],
];

/** Flags for the target of a restore, apart from the settings of the project that was backed up. */
const TARGET_FLAGS: readonly Flag[] = [
  ["--target-db <url>", "RESTORE_TARGET_DB_URL", "direct connection to the database to restore into"],
  ["--target-url <url>", "RESTORE_TARGET_URL", "API of the project to restore files into"],
  ["--target-key <key>", "RESTORE_TARGET_SECRET_KEY", "that project's secret API key"],
];

/** Flag for the server of a drill's scratch database. */
const SCRATCH_FLAGS: readonly Flag[] = [
  ["--scratch-db <url>", "RESTORE_SCRATCH_DB_URL", "server to make the scratch database on; without it, the project's"],
];

export interface SettingsOptions {
  readonly envFile?: string;
  readonly set?: readonly string[];
}

/** The options that every command has, in the order of the help text. */
export function settingOptions(): Option[] {
  const options = [
    ...FLAGS.map(flagOption),
    new Option("--set <NAME=value>", "any other setting of docs/CONFIGURATION.md; may be repeated")
      .argParser((value: string, all: string[] = []) => [...all, value]),
    new Option("--env-file <path>", "file of settings (default: .env where there is one)"),
  ];
  return options.map((option) => option.helpGroup("Settings:"));
}

export function targetOptions(): Option[] {
  return TARGET_FLAGS.map((flag) => flagOption(flag).helpGroup("Target:"));
}

export function scratchOptions(): Option[] {
  return SCRATCH_FLAGS.map((flag) => flagOption(flag).helpGroup("Target:"));
}

function flagOption([names, variable, description]: Flag): Option {
  return new Option(names, `${description} (${variable})`);
}

/** Merges settings from flags, the environment and the `.env` file, the first of them first. Throws `usage_invalid`. */
export async function readEnvironment(options: SettingsOptions, inherited: Environment): Promise<Environment> {
  const environment: Record<string, string | undefined> = await readEnvFile(options.envFile);
  for (const [name, value] of Object.entries(inherited)) if (value?.trim()) environment[name] = value;
  const given = options as Readonly<Record<string, unknown>>;
  for (const [names, variable] of [...FLAGS, ...TARGET_FLAGS, ...SCRATCH_FLAGS]) {
    const value = given[new Option(names).attributeName()];
    if (typeof value !== "string") continue;
    environment[variable] = variable === "SUPABASE_SECRET_KEYS" ? JSON.stringify({ default: value }) : value;
  }
  for (const setting of options.set ?? []) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=([\s\S]*)$/.exec(setting) ?? [];
    if (name === undefined) {
      throw usage("--set takes NAME=value, for example --set BACKUP_SCHEMAS=public,sales.");
    }
    environment[name] = value;
  }
  return environment;
}

async function readEnvFile(path: string | undefined): Promise<Record<string, string | undefined>> {
  try {
    return { ...parseEnv(await readFile(path ?? ".env", "utf8")) };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" && path === undefined) return {};
    throw usage(`The file ${path ?? ".env"} could not be read (${code ?? String(error)}).`);
  }
}

/** The error for a command that was called wrongly. */
export function usage(message: string): LifeboatError {
  return new LifeboatError({
    code: "usage_invalid",
    kind: "permanent",
    message,
    hint: "Add --help to the command to see what it takes.",
    operation: "cli",
  });
}

/** Everything in the environment that must not be shown, even when the configuration is invalid. */
export function secretsIn(environment: Environment): Secret[] {
  const values = Object.entries(environment)
    .filter(([name]) => /^(SUPABASE|AWS|R2|RESEND|BACKUP|RESTORE)_.*(KEYS?|KEY_ID|DB_URL|PING_URL|TOKEN)$/.test(name))
    .flatMap(([, value]) => value ? [value.trim(), ...innerSecrets(value.trim())] : []);
  return values.map((value) => new Secret(value));
}

/** The keys in a JSON map of keys, or the password in a connection string. */
function innerSecrets(value: string): string[] {
  if (value.startsWith("{")) return [...value.matchAll(/"([^"]+)"/g)].map(([, text]) => text);
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  return password ? [password] : [];
}
