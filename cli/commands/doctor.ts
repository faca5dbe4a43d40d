import { composeDatabase } from "../../supabase/functions/_shared/compose/database.ts";
import { composeStore } from "../../supabase/functions/_shared/compose/store.ts";
import {
  composeBucketSettings,
  composeInstaller,
  composeProbe,
} from "../../supabase/functions/_shared/compose/tools.ts";
import type { Configuration } from "../../supabase/functions/_shared/config/mod.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import {
  broken,
  checkBucket,
  checkDatabase,
  checkInstallation,
  checkNotifications,
  checkProject,
  checkStore,
  examine,
  type Finding,
  ok,
  skipped,
} from "../../supabase/functions/_shared/engine/doctor/mod.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { EDGE_FUNCTIONS } from "../../supabase/functions/_shared/generated/edge_functions.ts";
import { type Need, readSettings } from "../configuration.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { readMigrations } from "../migration_files.ts";
import { type Host, newCommand, perform } from "../perform.ts";

export const doctor = newCommand("doctor", "check settings, access, schedule and bucket, and say how to mend each")
  .action((options) =>
    perform(options, async (host) => {
      const findings = await examineAll(host);
      const count = (verdict: string) => findings.filter((finding) => finding.verdict === verdict).length;
      const [defects, warnings] = [count("broken"), count("warning")];
      return {
        exitCode: defects > 0 ? EXIT_CODES.failed : EXIT_CODES.done,
        json: { findings, broken: defects, warnings },
        text: [...findings.map(describe), "", `${defects} broken, ${warnings} warnings, ${count("ok")} in order`].join(
          "\n",
        ),
      };
    })
  );

/** Each area gets only as much of the configuration as it needs, so that one mistake does not hide other findings. */
async function examineAll(host: Host): Promise<Finding[]> {
  const { signal } = host;
  const [store, database, api] = (["store", "database", "api"] as const).map((need) => tryRead(host, [need]));
  return [
    ...checkSettings(host),
    ...database ? await examineDatabase(host, database, api) : [skipped("database", "Its settings are missing.")],
    ...store
      ? [
        ...await checkStore(
          composeStore(store),
          api && { project: api.project, projectUrl: api.access.supabaseUrl },
          systemClock.now(),
          signal,
        ),
        ...await checkBucket(composeBucketSettings(store), store.store.prefix, systemClock, signal),
      ]
      : [skipped("store", "The bucket's settings are missing.")],
    ...api
      ? await checkProject(composeProbe(api.access), EDGE_FUNCTIONS.map(({ name }) => name), signal)
      : [skipped("project", "The project's URL and key are missing.")],
    ...notificationsOf(store ?? database ?? api),
  ];
}

function checkSettings(host: Host): Finding[] {
  try {
    readSettings(host.environment, ["store", "database", "api"]);
    return [ok("settings", "The settings are complete and well-formed.")];
  } catch (error) {
    if (!hasCode(error, "configuration_invalid")) throw error;
    return [broken("settings", error.message, error.hint)];
  }
}

function tryRead(host: Host, needs: readonly Need[]): Configuration | undefined {
  try {
    return readSettings(host.environment, needs);
  } catch (error) {
    if (hasCode(error, "configuration_invalid")) return undefined;
    throw error;
  }
}

async function examineDatabase(host: Host, { access }: Configuration, api: Configuration | undefined) {
  const { signal } = host;
  return await examine("database.access", async () => {
    const session = await composeDatabase(access).connect({ applicationName: "lifeboat doctor" }, signal);
    try {
      const context = {
        session,
        checksums: composeInstaller(access).checksums,
        migrations: await readMigrations(),
        ...api && {
          api: { projectUrl: api.access.supabaseUrl, secretKeys: api.access.secretKeys.map((key) => key.reveal()) },
        },
      };
      return [
        ok("database.access", "The database can be reached."),
        ...await checkDatabase(session, systemClock, signal),
        ...await checkInstallation(context, signal),
      ];
    } finally {
      await session.close();
    }
  }, signal);
}

function notificationsOf(configuration: Configuration | undefined): Finding[] {
  if (!configuration) return [skipped("notify", "The settings could not be read.")];
  const { email, pingUrl } = configuration;
  return checkNotifications({ ...email && { emailKey: email.apiKey.reveal() }, hasPing: pingUrl !== undefined });
}

function describe({ check, verdict, message, mend }: Finding): string {
  const line = `${verdict.padEnd(8)} ${check}: ${message}`;
  return mend === undefined ? line : `${line}\n         → ${mend}`;
}
