-- Keeps the lease and notes progress. `held` is false once somebody else has it or it was given up.
create or replace function lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb,
  out held boolean, out cancelled boolean)
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.leases
  set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where run_id = run and epoch = run_epoch;
  held := found;
  if held and noted is not null then
    update public.backup_history set progress = noted where id = run and status = 'running';
  end if;
  select r.cancel_requested_at is not null into cancelled from lifeboat.runs r where r.run_id = run;
  cancelled := coalesce(cancelled, false);
end $$;
