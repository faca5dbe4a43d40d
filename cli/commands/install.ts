import { composeInstaller } from "../../supabase/functions/_shared/compose/tools.ts";
import type { Checksums } from "../../supabase/functions/_shared/engine/checksum.ts";
import {
  type AppliedMigration,
  applyMigrations,
  countHistory,
  type MigrationSession,
  readScheduleProblem,
  type Removal,
  removeLifeboat,
  type StoredSecret,
  storeScheduleSecrets,
} from "../../supabase/functions/_shared/engine/install/mod.ts";
import { readSettings } from "../configuration.ts";
import { ask, canAsk } from "../confirm.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { readMigrations } from "../migration_files.ts";
import { examples, type Host, newCommand, type Outcome, perform } from "../perform.ts";
import { usage } from "../settings.ts";

export const install = newCommand("install", "put Lifeboat's tables and schedule into a project; needs --db-url only")
  .option("--store-secrets", "store --supabase-url and --secret-key in Vault, where the schedule finds them")
  .option("--remove", "take Lifeboat out of the database again; what lies in S3 stays")
  .option("--force", "with --remove: remove the history of the runs too, without asking")
  .addHelpText(
    "after",
    examples(
      ["install --store-secrets", "tables and schedule, and what the schedule needs; may be repeated"],
      ["install --remove", "as if it had never been there; what lies in S3 stays"],
    ),
  )
  .action((options) =>
    perform(options, async (host) => {
      if (options.force && !options.remove) throw usage("--force belongs to --remove.");
      if (options.remove && options.storeSecrets) throw usage("--remove and --store-secrets exclude each other.");
      const { access } = readSettings(host.environment, ["database", ...options.storeSecrets ? ["api" as const] : []]);
      const { database, checksums } = composeInstaller(access);
      const session = await database.connect(host.signal);
      try {
        return options.remove
          ? describeRemoval(await remove(host, session, options.force === true))
          : await add(host, session, checksums, options.storeSecrets === true);
      } finally {
        await session.close();
      }
    })
  );

async function add(
  host: Host,
  session: MigrationSession,
  checksums: Checksums,
  storeSecrets: boolean,
): Promise<Outcome> {
  const migrations = await applyMigrations(session, await readMigrations(), checksums, host.signal);
  let problem = await readScheduleProblem(session, host.signal);
  const stored = storeSecrets || await wantsSecrets(host, problem) ? await storeSecretsOf(host, session) : null;
  if (stored !== null) problem = await readScheduleProblem(session, host.signal);
  return {
    exitCode: EXIT_CODES.done,
    json: { migrations, secrets: stored, scheduleProblem: problem },
    text: describe(migrations, stored, problem),
  };
}

/** Whether to store the secrets: asks a person who has given both, when the schedule cannot work without them. */
async function wantsSecrets(host: Host, problem: string | null): Promise<boolean> {
  const { SUPABASE_URL, SUPABASE_SECRET_KEYS, SUPABASE_SERVICE_ROLE_KEY } = host.environment;
  const given = SUPABASE_URL && (SUPABASE_SECRET_KEYS || SUPABASE_SERVICE_ROLE_KEY);
  if (!given || !problem?.includes("Vault secret") || !canAsk(host.json)) return false;
  const question = "The schedule needs the project's URL and secret key in Vault. Store them now? [y/N] ";
  return /^y(es)?$/i.test(await ask(question, host.signal));
}

async function storeSecretsOf(host: Host, session: MigrationSession) {
  const { access } = readSettings(host.environment, ["database", "api"]);
  const secrets = { project_url: access.supabaseUrl, backup_secret_key: access.serviceKey.reveal() };
  return await storeScheduleSecrets(session, secrets, host.signal);
}

async function remove(host: Host, session: MigrationSession, force: boolean): Promise<Removal> {
  const rows = await countHistory(session, host.signal);
  let withHistory = force;
  if (!force && rows !== null && rows > 0 && canAsk(host.json)) {
    const question = `The history holds ${rows} runs. Type "delete history" to remove it too, or Enter to keep it: `;
    withHistory = await ask(question, host.signal) === "delete history";
  }
  return await removeLifeboat(session, withHistory, host.signal);
}

function describeRemoval(removal: Removal): Outcome {
  const { removed, kept } = removal;
  return {
    exitCode: EXIT_CODES.done,
    json: removal,
    text: [
      ...removed.length === 0
        ? ["Nothing of Lifeboat was there to remove."]
        : removed.map((name) => `removed  ${name}`),
      ...kept.map(({ name, reason }) => `kept     ${name}: ${reason}`),
    ].join("\n"),
  };
}

function describe(
  migrations: readonly AppliedMigration[],
  stored: Readonly<Record<string, StoredSecret>> | null,
  problem: string | null,
): string {
  const words = { new: "applied  ", changed: "again    ", unchanged: "unchanged" };
  return [
    ...migrations.flatMap(({ version, name, was, notices }) => [
      `${words[was]} ${version} ${name}`,
      ...notices.map(({ message, hint }) => `          ${message}${hint ? ` ${hint}` : ""}`),
    ]),
    ...Object.entries(stored ?? {}).map(([name, what]) => `${what.padEnd(9)} Vault secret ${name}`),
    problem === null ? "The schedule is ready." : `The schedule cannot run yet. ${problem}`,
  ].join("\n");
}
