import { LifeboatError } from "../errors.ts";
import type { MigrationSession } from "./migration_database.ts";

/** What the schedule needs to call the functions. */
export interface ScheduleSecrets {
  readonly project_url: string;
  readonly backup_secret_key: string;
}

export type StoredSecret = "created" | "replaced" | "unchanged";

/**
 * Stores both secrets by Vault's own functions, since it refuses INSERT
 * (https://supabase.com/docs/guides/database/vault). Throws `vault_missing` where the extension is not enabled, and the
 * database's errors. May be repeated.
 */
export async function storeScheduleSecrets(
  session: MigrationSession,
  secrets: ScheduleSecrets,
  signal?: AbortSignal,
): Promise<Record<keyof ScheduleSecrets, StoredSecret>> {
  const [{ present }] = await session.query<{ present: boolean }>(
    "select pg_catalog.to_regclass('vault.decrypted_secrets') is not null as present",
    undefined,
    signal,
  );
  if (!present) {
    throw new LifeboatError({
      code: "vault_missing",
      kind: "permanent",
      message: "The extension supabase_vault is not enabled, so the secrets were not stored.",
      hint: "Enable it (Dashboard → Database → Extensions), then run install again.",
      operation: "install.vault",
    });
  }
  return {
    project_url: await storeSecret(session, "project_url", secrets.project_url, signal),
    backup_secret_key: await storeSecret(session, "backup_secret_key", secrets.backup_secret_key, signal),
  };
}

async function storeSecret(
  session: MigrationSession,
  name: string,
  value: string,
  signal?: AbortSignal,
): Promise<StoredSecret> {
  const [found] = await session.query<{ id: string; same: boolean }>(
    "select id, decrypted_secret is not distinct from $2 as same from vault.decrypted_secrets where name = $1",
    [name, value],
    signal,
  );
  if (found?.same) return "unchanged";
  if (found) {
    await session.query("select vault.update_secret($1::uuid, $2)", [found.id, value], signal);
    return "replaced";
  }
  await session.query("select vault.create_secret($1, $2)", [value, name], signal);
  return "created";
}

/** Why the schedule cannot work, as a sentence; null when nothing is missing. Throws the database's errors. */
export async function readScheduleProblem(session: MigrationSession, signal?: AbortSignal): Promise<string | null> {
  const [{ problem }] = await session.query<{ problem: string | null }>(
    `select case when pg_catalog.to_regclass('cron.job') is null then 'Missing: extension pg_cron.'
       else lifeboat.schedule_problem() end as problem`,
    undefined,
    signal,
  );
  return problem;
}
