import type { Checksums } from "../checksum.ts";
import type { Session } from "../database.ts";
import { SCHEMA_VERSION, UPGRADE_HINT } from "../schema_version.ts";
import { findChanges, type Migration } from "../install/mod.ts";
import { broken, examine, type Finding, ok, skipped, warning } from "./finding.ts";

export interface InstallationContext {
  readonly session: Session;
  readonly checksums: Checksums;
  readonly migrations: readonly Migration[];
  /** SUPABASE_URL and the keys that functions accept, to compare with Vault's; absent where they are not known. */
  readonly api?: { readonly projectUrl: string; readonly secretKeys: readonly string[] };
}

/** Checks that Lifeboat's tables and schedule exist, are current and work. */
export async function checkInstallation(context: InstallationContext, signal?: AbortSignal): Promise<Finding[]> {
  const { session } = context;
  const [{ installed }] = await session.query<{ installed: boolean }>(
    `select pg_catalog.to_regclass('public.backup_history') is not null
       and pg_catalog.to_regclass('lifeboat.settings') is not null
       and pg_catalog.to_regprocedure('lifeboat.schedule_problem()') is not null as installed`,
    undefined,
    signal,
  );
  if (!installed) {
    return [
      broken("install.tables", "Lifeboat's tables are not in this database.", "Run: npm run lifeboat -- install"),
    ];
  }
  return [
    ...await examine("install.tables", () => checkMigrations(context, signal), signal),
    ...await examine("schedule.jobs", () => checkJobs(session, signal), signal),
    ...await examine("schedule.secrets", () => checkSecrets(context, signal), signal),
    ...await examine("history.newest", () => checkNewest(session, signal), signal),
  ];
}

async function checkMigrations(
  { session, checksums, migrations }: InstallationContext,
  signal?: AbortSignal,
): Promise<Finding> {
  const check = "install.tables";
  const present = await readSchemaVersion(session, signal);
  if (present < SCHEMA_VERSION) {
    return broken(
      check,
      `Lifeboat's schema is version ${present}; this release needs ${SCHEMA_VERSION}, and its functions refuse to work.`,
      UPGRADE_HINT,
    );
  }
  if (present > SCHEMA_VERSION) {
    return broken(
      check,
      `Lifeboat's schema is version ${present}, of a newer release than this one (${SCHEMA_VERSION}).`,
      "Update this checkout, and deploy its functions: supabase functions deploy",
    );
  }
  const [{ tracked }] = await session.query<{ tracked: boolean }>(
    "select pg_catalog.to_regclass('lifeboat.migrations') is not null as tracked",
    undefined,
    signal,
  );
  if (!tracked) return ok(check, "Lifeboat's tables are there and current, put by supabase db push.");
  const changed = (await findChanges(session, migrations, checksums, signal)).filter(({ was }) => was !== "unchanged");
  return changed.length === 0 ? ok(check, "Lifeboat's tables are there and current.") : warning(
    check,
    `Lifeboat's tables are of another version: ${changed.map(({ version }) => version).join(", ")} differ.`,
    "Run: npm run lifeboat -- install",
  );
}

/** The version of Lifeboat's schema. The first version had no function that returns it, so its absence means 1. */
async function readSchemaVersion(session: Session, signal?: AbortSignal): Promise<number> {
  const [{ known }] = await session.query<{ known: boolean }>(
    "select pg_catalog.to_regprocedure('lifeboat.schema_version()') is not null as known",
    undefined,
    signal,
  );
  if (!known) return 1;
  const [{ version }] = await session.query<{ version: number }>(
    "select lifeboat.schema_version() as version",
    undefined,
    signal,
  );
  return version;
}

interface Job {
  readonly name: string;
  readonly active: boolean;
  readonly schedule: string;
  readonly last: { readonly status: string; readonly message: string | null; readonly at: string } | null;
}

/**
 * The column of `lifeboat.settings` with each job's schedule; null there means that the owner does not want the job.
 */
const JOB_SETTINGS = {
  "lifeboat-database-backup": "database_schedule",
  "lifeboat-backup-maintenance": "maintenance_schedule",
  "lifeboat-verify": "verify_schedule",
} as const;

async function checkJobs(session: Session, signal?: AbortSignal): Promise<Finding[]> {
  const [{ scheduler }] = await session.query<{ scheduler: boolean }>(
    "select pg_catalog.to_regclass('cron.job') is not null as scheduler",
    undefined,
    signal,
  );
  if (!scheduler) return [skipped("schedule.jobs", "There is no scheduler in this database.")];
  const jobs = await session.query<Job>(
    `select j.jobname as name, j.active, j.schedule, (
       select pg_catalog.json_build_object('status', d.status, 'message', d.return_message, 'at', d.start_time)
       from cron.job_run_details d where d.jobid = j.jobid order by d.start_time desc nulls last limit 1) as last
     from cron.job j where j.jobname = any($1) order by 1`,
    [Object.keys(JOB_SETTINGS)],
    signal,
  );
  const [{ settings }] = await session.query<{ settings: Readonly<Record<string, string | null>> }>(
    "select pg_catalog.to_jsonb(s) as settings from lifeboat.settings s",
    undefined,
    signal,
  );
  return Object.entries(JOB_SETTINGS).map(([name, setting]) =>
    settings[setting]
      ? judgeJob(name, jobs.find((job) => job.name === name))
      : skipped(`schedule.${name}`, `The cron job ${name} is switched off in lifeboat.settings.${setting}.`)
  );
}

function judgeJob(name: string, job: Job | undefined): Finding {
  const check = `schedule.${name}`;
  const mend = "Run: select lifeboat.schedule(); its times are in lifeboat.settings.";
  if (job === undefined) return warning(check, `The cron job ${name} is not there.`, mend);
  if (!job.active) {
    return warning(check, `The cron job ${name} is switched off.`, "Switch it on: Dashboard → Integrations → Cron.");
  }
  if (job.last?.status === "failed") {
    return broken(check, `The cron job ${name} failed at ${job.last.at}: ${job.last.message ?? "no reason"}.`, mend);
  }
  const last = job.last ? `last ran at ${job.last.at}` : "has not run yet";
  return ok(check, `The cron job ${name} (${job.schedule}) ${last}.`);
}

async function checkSecrets({ session, api }: InstallationContext, signal?: AbortSignal): Promise<Finding> {
  const check = "schedule.secrets";
  const mend = "Run: npm run lifeboat -- install --store-secrets";
  const [{ problem }] = await session.query<{ problem: string | null }>(
    "select lifeboat.schedule_problem() as problem",
    undefined,
    signal,
  );
  if (problem !== null) return warning(check, `The schedule cannot reach the functions. ${problem}`, mend);
  if (!api) return ok(check, "Vault holds the project's URL and key.");
  // The database compares the secrets, so that the key never leaves Vault.
  const [{ url, key }] = await session.query<{ url: boolean; key: boolean }>(
    `select
       exists (select from vault.decrypted_secrets
         where name = 'project_url' and pg_catalog.rtrim(decrypted_secret, '/') = $1) as url,
       exists (select from vault.decrypted_secrets
         where name = 'backup_secret_key' and decrypted_secret = any($2)) as key`,
    [api.projectUrl, api.secretKeys],
    signal,
  );
  if (!url) return warning(check, `Vault's project_url is not ${api.projectUrl}.`, mend);
  if (!key) {
    return warning(check, "Vault's backup_secret_key is none of the secret keys given here; it may be outdated.", mend);
  }
  return ok(check, "Vault holds the project's URL and a current key.");
}

async function checkNewest(session: Session, signal?: AbortSignal): Promise<Finding> {
  const check = "history.newest";
  const [newest] = await session.query<{ point: string; hours: string; late: boolean; target: string }>(
    `select h.recovery_point as point, pg_catalog.round(extract(epoch from now() - h.started_at) / 3600, 1)::text as hours,
       h.started_at + s.overdue_after < now() as late, s.overdue_after::text as target
     from public.backup_history h cross join lifeboat.settings s
     where h.kind = 'database' and h.status in ('success', 'partial') order by h.started_at desc limit 1`,
    undefined,
    signal,
  );
  const mend = "Run: npm run lifeboat -- backup, and see in the history why the schedule made none.";
  if (!newest) return warning(check, "No backup of the database has succeeded yet.", mend);
  const age = `The newest good dump, ${newest.point}, is ${newest.hours} hours old`;
  return newest.late ? broken(check, `${age}; the target is ${newest.target}.`, mend) : ok(check, `${age}.`);
}
