-- The state of a run, for a worker that has handed it over and still holds its snapshot.
create or replace function lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'running', h.status = 'running' and l.run_id is not null,
    'epoch', l.epoch::text,
    'attempts', d.attempts,
    'givenBack', d.given_back,
    'silentMs', extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000,
    'writerHolds', exists (select from lifeboat.live_dump_holders w where w.run_id = run and w.step = d.step),
    -- A holder that is there for two later workers, or for one in the same process, is needed no more.
    'relieved', exists (
        select from lifeboat.live_dump_holders w where w.run_id = run and w.step > own_step and w.worker = own_worker
      ) or (
        select count(distinct w.worker) >= 2 from lifeboat.live_dump_holders w
        where w.run_id = run and w.step > own_step and w.worker <> own_worker
      ),
    'snapshot', (
      select w.snapshot from lifeboat.live_dump_holders w where w.run_id = run and w.step < d.step
      order by w.step desc limit 1
    ))
  from public.backup_history h
  join lifeboat.dumps d on d.run_id = h.id
  left join lifeboat.leases l on l.run_id = h.id
  where h.id = run
$$;
