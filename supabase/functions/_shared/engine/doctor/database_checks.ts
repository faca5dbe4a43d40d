import type { Clock } from "../clock.ts";
import type { Session } from "../database.ts";
import { clockFinding } from "./clock_finding.ts";
import { broken, examine, type Finding, ok, warning } from "./finding.ts";

const OLDEST = 15;
const NEWEST_TESTED = 18;

/** Checks that the role can read everything in one snapshot, and that the server and its extensions are supported. */
export async function checkDatabase(session: Session, clock: Clock, signal?: AbortSignal): Promise<Finding[]> {
  return [
    ...await examine("database.version", () => checkVersion(session, signal), signal),
    ...await examine("database.role", () => checkRole(session, signal), signal),
    ...await examine("database.snapshot", () => checkSnapshot(session, signal), signal),
    ...await examine("database.clock", async () => {
      const before = clock.now();
      const [{ ms }] = await session.query<{ ms: string }>(
        "select (extract(epoch from pg_catalog.clock_timestamp()) * 1000)::bigint::text as ms",
        undefined,
        signal,
      );
      return clockFinding("database.clock", "The database's", new Date(Number(ms)), before, clock.now());
    }, signal),
    ...await examine("database.extensions", () => checkExtensions(session, signal), signal),
  ];
}

async function checkVersion(session: Session, signal?: AbortSignal): Promise<Finding> {
  const [{ version, number }] = await session.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number`,
    undefined,
    signal,
  );
  const major = Math.floor(number / 10_000);
  const check = "database.version";
  if (major < OLDEST) {
    return broken(check, `PostgreSQL ${version} is too old.`, `Upgrade the project to PostgreSQL ${OLDEST} or newer.`);
  }
  if (major > NEWEST_TESTED) {
    return warning(
      check,
      `PostgreSQL ${version} is newer than what this Lifeboat was tested with (${OLDEST} to ${NEWEST_TESTED}).`,
      "Update Lifeboat, and run a drill before you rely on it.",
    );
  }
  return ok(check, `PostgreSQL ${version}.`);
}

async function checkRole(session: Session, signal?: AbortSignal): Promise<Finding> {
  const [role] = await session.query<{ name: string; bypasses: boolean; reads: boolean }>(
    `select rolname as name, rolbypassrls or rolsuper as bypasses,
       pg_catalog.pg_has_role(oid, 'pg_read_all_data', 'usage') as reads
     from pg_catalog.pg_roles where rolname = current_user`,
    undefined,
    signal,
  );
  const check = "database.role";
  if (!role.bypasses) {
    return broken(
      check,
      `Role ${role.name} is subject to row-level security, so backups refuse to run: they would miss rows.`,
      "Use role postgres in SUPABASE_DB_URL.",
    );
  }
  if (!role.reads) {
    return warning(
      check,
      `Role ${role.name} is no member of pg_read_all_data; tables it may not read make a backup partial.`,
      `Use role postgres, or: grant pg_read_all_data to "${role.name}".`,
    );
  }
  return ok(check, `Role ${role.name} reads every table and every row.`);
}

/** Fails behind a pooler that shares connections, where a snapshot cannot be passed to another session. */
async function checkSnapshot(session: Session, signal?: AbortSignal): Promise<Finding> {
  await session.query("begin isolation level repeatable read read only", undefined, signal);
  try {
    await session.query("select pg_catalog.pg_export_snapshot()", undefined, signal);
  } finally {
    await session.query("rollback", undefined, signal);
  }
  return ok("database.snapshot", "A snapshot can be taken and shared.");
}

const EXTENSIONS = [
  ["pg_cron", "cron", "runs the schedule"],
  ["pg_net", "net", "lets the schedule call the functions"],
  ["supabase_vault", "vault", "keeps the key that the schedule calls with"],
] as const;

async function checkExtensions(session: Session, signal?: AbortSignal): Promise<Finding[]> {
  const found = await session.query<{ name: string; present: boolean }>(
    `select name, exists (select from pg_catalog.pg_class c where c.relnamespace = pg_catalog.to_regnamespace(name))
       as present from pg_catalog.unnest($1::text[]) as name`,
    [EXTENSIONS.map(([, schema]) => schema)],
    signal,
  );
  return EXTENSIONS.map(([name, schema, purpose]) =>
    found.some((row) => row.name === schema && row.present)
      ? ok(`database.extension.${name}`, `Extension ${name} is enabled.`)
      : warning(
        `database.extension.${name}`,
        `Extension ${name}, which ${purpose}, is not enabled.`,
        "Enable it (Dashboard → Database → Extensions), then run install again; or schedule backups elsewhere.",
      )
  );
}
