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
