import type { Session } from "../database.ts";

/** Names of the secrets in Supabase Vault; their values stay there. Empty where there is no vault or no right to read it. */
export async function readVaultSecretNames(session: Session, signal?: AbortSignal): Promise<string[]> {
  const [{ readable }] = await session.query<{ readable: boolean }>(
    `select coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('vault.secrets'), 'select')
       and pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('vault'), 'usage'), false) as readable`,
    undefined,
    signal,
  );
  if (!readable) return [];
  const rows = await session.query<{ name: string }>(
    "select name from vault.secrets where name is not null order by name",
    undefined,
    signal,
  );
  return rows.map((row) => row.name);
}
