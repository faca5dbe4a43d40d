-- The state of a verify, for an invocation that handed it over.
create or replace function lifeboat.watch_verify(run uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('running', h.status = 'running' and l.run_id is not null, 'epoch', l.epoch::text,
    'silentMs', extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000)
  from public.backup_history h
  left join lifeboat.leases l on l.run_id = h.id
  where h.id = run
$$;
