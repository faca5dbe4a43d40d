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
