-- What the schedule lacks, in a sentence, or null.
create or replace function lifeboat.schedule_problem() returns text
language plpgsql stable set search_path = ''
as $$
declare
  absent text[] := '{}';
  secret_name text;
begin
  if not exists (select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'net' and p.proname = 'http_post')
  then
    absent := absent || 'extension pg_net'::text;
  end if;
  if to_regclass('vault.decrypted_secrets') is null then
    absent := absent || 'extension supabase_vault'::text;
  else
    foreach secret_name in array array['project_url', 'backup_secret_key'] loop
      if coalesce((select s.decrypted_secret from vault.decrypted_secrets s where s.name = secret_name), '') = '' then
        absent := absent || format('Vault secret %s', secret_name);
      end if;
    end loop;
  end if;
  return case when absent <> '{}' then 'Missing: ' || array_to_string(absent, ', ') || '.' end;
end $$;
