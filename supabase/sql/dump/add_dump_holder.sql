create or replace function lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.dump_holders (run_id, step, worker, snapshot, pid, backend_start)
  values (run, at_step, (holder ->> 'worker')::uuid, holder ->> 'snapshotId', (holder ->> 'pid')::integer,
    (holder ->> 'backendStart')::timestamptz)
  on conflict do nothing
$$;
