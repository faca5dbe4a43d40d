import { alreadyRunning } from "../run/run_errors.ts";
import type { MigrationSession } from "./migration_database.ts";

/** What was removed, and what was left in place, with reasons. */
export interface Removal {
  readonly removed: readonly string[];
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

/** The cron jobs that `lifeboat.schedule()` makes. */
const JOB_NAMES = ["lifeboat-database-backup", "lifeboat-backup-maintenance", "lifeboat-verify"];
const RECORD_TABLES = [["public.backup_history", "recovery_point"], ["public.backup_audit_log", "actor"]] as const;

/** Number of runs in the history; null when Lifeboat has no history here. Throws what the database throws. */
export async function countHistory(session: MigrationSession, signal?: AbortSignal): Promise<number | null> {
  const [[table, column]] = RECORD_TABLES;
  return await countRows(session, table, column, signal);
}

/**
 * Removes Lifeboat's own objects from the database in one transaction: cron jobs, schema `lifeboat`, Vault secret, and
 * history and audit log when these are empty or `withHistory` is set. The bucket is not touched. Roles, `user_roles`
 * and extensions stay, since the project may need them.
 *
 * Throws `already_running` while a run works, and what the database throws. May be repeated.
 */
export async function removeLifeboat(
  session: MigrationSession,
  withHistory: boolean,
  signal?: AbortSignal,
): Promise<Removal> {
  const removed: string[] = [];
  const kept: { name: string; reason: string }[] = [];
  await session.query("set statement_timeout = 0; set lock_timeout = '30s'; begin", undefined, signal);
  try {
    await assertIdle(session, signal);
    if (await exists(session, "cron.job", signal)) {
      const jobs = await session.query<{ jobname: string }>(
        `select jobname, cron.unschedule(jobid) from cron.job
         where jobname = any($1) order by jobname`,
        [JOB_NAMES],
        signal,
      );
      removed.push(...jobs.map(({ jobname }) => `cron job ${jobname}`));
    }
    if (await exists(session, "vault.secrets", signal)) {
      const secrets = await session.query(
        "delete from vault.secrets where name = 'backup_secret_key' returning name",
        undefined,
        signal,
      );
      if (secrets.length > 0) removed.push("Vault secret backup_secret_key");
      const others = await session.query("select from vault.secrets where name = 'project_url'", undefined, signal);
      if (others.length > 0) {
        kept.push({ name: "Vault secret project_url", reason: "Other jobs of the project may use it." });
      }
    }
    const [{ present }] = await session.query<{ present: boolean }>(
      "select pg_catalog.to_regnamespace('lifeboat') is not null as present",
      undefined,
      signal,
    );
    if (present) {
      await session.query("drop schema lifeboat cascade", undefined, signal);
      removed.push("schema lifeboat");
    }
    // Dropping the schema dropped the trigger that refuses to delete rows.
    for (const [table, column] of RECORD_TABLES) {
      const rows = await countRows(session, table, column, signal);
      if (rows === null) continue;
      if (rows > 0 && !withHistory) {
        kept.push({ name: `table ${table}`, reason: `It holds ${rows} rows; --force removes it.` });
      } else {
        await session.query(`drop table ${table}`, undefined, signal);
        removed.push(`table ${table} (${rows} rows)`);
      }
    }
    if (await exists(session, "public.user_roles", signal)) {
      kept.push({
        name: "public.user_roles, app_role and has_role",
        reason: "The project may have made them, or may use them since.",
      });
    }
    await session.query("commit", undefined, signal);
    return { removed, kept };
  } catch (error) {
    await session.query("rollback").catch(() => {
      // The connection is lost and the transaction with it. The first error is the one to report.
    });
    throw error;
  }
}

async function assertIdle(session: MigrationSession, signal?: AbortSignal): Promise<void> {
  if (!(await exists(session, "lifeboat.leases", signal))) return;
  const [running] = await session.query<{ kind: string; run_id: string }>(
    `select kind, run_id from lifeboat.leases
     where run_id is not null and expires_at > pg_catalog.clock_timestamp() limit 1`,
    undefined,
    signal,
  );
  if (running) throw alreadyRunning(running.kind, running.run_id);
}

/** Null when there is no such table, or when another product made it, so that it is not ours to count or drop. */
async function countRows(
  session: MigrationSession,
  table: string,
  ownColumn: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const [{ ours }] = await session.query<{ ours: boolean }>(
    `select exists (select from pg_catalog.pg_attribute where attname = $2 and not attisdropped
       and attrelid = pg_catalog.to_regclass($1)) as ours`,
    [table, ownColumn],
    signal,
  );
  if (!ours) return null;
  const [{ rows }] = await session.query<{ rows: string }>(
    `select count(*)::text as rows from ${table}`,
    undefined,
    signal,
  );
  return Number(rows);
}

async function exists(session: MigrationSession, name: string, signal?: AbortSignal): Promise<boolean> {
  const [{ found }] = await session.query<{ found: boolean }>(
    "select pg_catalog.to_regclass($1) is not null as found",
    [name],
    signal,
  );
  return found;
}
