-- The schedule: pg_cron wakes the functions through pg_net, with the project's URL and key from Vault. It follows
-- lifeboat.settings. Where one of the three extensions is missing, a NOTICE says so and everything else works.
-- May be applied again.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('pg_cron', 'cron', 'create extension if not exists pg_cron with schema pg_catalog'),
      ('pg_net', 'net', 'create extension if not exists pg_net'),
      ('supabase_vault', 'vault', 'create extension if not exists supabase_vault with schema vault')
    ) as extension (name, schema_name, statement)
    where not exists (
      select from pg_class c where c.relnamespace = to_regnamespace(extension.schema_name)
    )
  loop
    begin
      execute wanted.statement;
    exception when others then
      raise notice 'Lifeboat: extension % could not be enabled: %', wanted.name, sqlerrm
        using hint = 'Enable it in the dashboard, then run: select lifeboat.schedule();';
    end;
  end loop;
end $$;

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

-- What the cron jobs run. Fire and forget: the function answers 202 at once. A backup that cannot even be asked for is a
-- failed run in the history, since nobody reads cron.job_run_details.
create or replace function lifeboat.call_function(function_name text, request jsonb default '{"trigger": "cron"}')
  returns void
language plpgsql set search_path = ''
as $$
declare
  problem constant text := lifeboat.schedule_problem();
  hint constant text := 'Store the Vault secrets project_url and backup_secret_key, and enable pg_net and supabase_vault.';
begin
  if problem is null then
    perform net.http_post(
      url := rtrim((select s.decrypted_secret from vault.decrypted_secrets s where s.name = 'project_url'), '/')
        || '/functions/v1/' || function_name,
      headers := jsonb_build_object('Content-Type', 'application/json', 'apikey',
        (select s.decrypted_secret from vault.decrypted_secrets s where s.name = 'backup_secret_key')),
      body := request,
      -- pg_net's own default is a few seconds, less than a cold start may take.
      timeout_milliseconds := 30000
    );
    return;
  end if;
  if function_name <> 'database-backup' then
    raise exception 'Lifeboat cannot call %: %', function_name, problem using hint = hint;
  end if;
  insert into public.backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at,
    duration_ms, error_code, error_message, error_hint)
  values ('database', 'failed', 'cron',
    coalesce((select h.project from public.backup_history h order by h.started_at desc limit 1), 'unknown'),
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24-MI-SS"Z"'), clock_timestamp(), clock_timestamp(),
    0, 'schedule_not_configured', 'The scheduled backup could not be asked for. ' || problem, hint);
  raise warning 'Lifeboat cannot call %: %', function_name, problem using hint = hint;
end $$;

-- Asks for a verify of the newest good recovery point; nothing when there is none.
create or replace function lifeboat.verify_newest() returns void
language sql set search_path = ''
as $$
  select lifeboat.call_function('backup-admin',
    jsonb_build_object('action', 'verify', 'runId', newest.id, 'trigger', 'cron'))
  from (
    select h.id from public.backup_history h
    where h.kind = 'database' and h.status in ('success', 'partial') order by h.started_at desc limit 1
  ) as newest
$$;

-- Makes the cron jobs what lifeboat.settings says. Returns true when there is a scheduler.
create or replace function lifeboat.schedule() returns boolean
language plpgsql set search_path = ''
as $$
declare
  job record;
begin
  if to_regclass('cron.job') is null then
    raise notice 'Lifeboat: pg_cron is not enabled, so nothing is scheduled.'
      using hint = 'Enable pg_cron, then run: select lifeboat.schedule();';
    return false;
  end if;
  for job in
    select v.* from lifeboat.settings s, lateral (values
      ('lifeboat-database-backup', s.database_schedule, $c$select lifeboat.call_function('database-backup')$c$),
      ('lifeboat-backup-maintenance', s.maintenance_schedule, $c$select lifeboat.call_function('backup-maintenance')$c$),
      ('lifeboat-verify', s.verify_schedule, 'select lifeboat.verify_newest()')
    ) as v (name, at, command)
  loop
    if job.at is not null then
      perform cron.schedule(job.name, job.at, job.command);
    else
      perform cron.unschedule(c.jobid) from cron.job c where c.jobname = job.name;
    end if;
  end loop;
  return true;
end $$;

-- Takes all jobs away for good; set the schedules in lifeboat.settings to have them back.
create or replace function lifeboat.unschedule() returns void
language sql set search_path = ''
as $$
  update lifeboat.settings set database_schedule = null, maintenance_schedule = null, verify_schedule = null
$$;

create or replace function lifeboat.follow_settings() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform lifeboat.schedule();
  return null;
end $$;

drop trigger if exists follow_settings on lifeboat.settings;
create trigger follow_settings after update of database_schedule, maintenance_schedule, verify_schedule
  on lifeboat.settings for each statement execute function lifeboat.follow_settings();

revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;

do $$
declare
  problem text;
begin
  perform lifeboat.schedule();
  problem := lifeboat.schedule_problem();
  if problem is not null then
    raise notice 'Lifeboat: the schedule cannot reach the functions yet. %', problem
      using hint = 'Store the Vault secrets project_url and backup_secret_key, for example: select vault.create_secret(''https://….supabase.co'', ''project_url'');';
  end if;
exception when others then
  raise notice 'Lifeboat: the schedule could not be made: %', sqlerrm
    using hint = 'Mend the cause, then run: select lifeboat.schedule();';
end $$;
