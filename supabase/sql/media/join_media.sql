-- Lets a worker that was called join its run, once. Answers {"run", "epoch", "lostSteps"}, or null when the worker was not
-- called for this run, came twice, or the run is over.
create or replace function lifeboat.join_media(run uuid, worker uuid, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  held lifeboat.leases;
begin
  select * into held from lifeboat.leases where kind = 'media' and run_id = join_media.run for update;
  if held.run_id is null then
    return null;
  end if;
  update lifeboat.media_workers w set joined_at = clock_timestamp(), seen_at = clock_timestamp()
  where w.worker = join_media.worker and w.run_id = join_media.run and w.joined_at is null;
  if not found then
    return null;
  end if;
  update lifeboat.leases set heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where kind = 'media';
  return (
    select jsonb_build_object('run', to_jsonb(h), 'epoch', held.epoch::text, 'lostSteps', r.lost_steps)
    from public.backup_history h join lifeboat.runs r on r.run_id = h.id where h.id = join_media.run
  );
end $$;
