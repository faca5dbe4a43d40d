-- Writes where a step ended. False when the run is not the caller's any more; the same answer when repeated.
create or replace function lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json,
  reached json, finished json, unfinished bytea) returns boolean
language plpgsql set search_path = ''
as $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  update lifeboat.dumps set frame = coalesce(frame, for_frame) where run_id = run;
  insert into lifeboat.dump_steps (run_id, step, position, done, rest)
  values (run, at_step, reached, finished, unfinished)
  on conflict (run_id, step) do update
    set position = excluded.position, done = excluded.done, rest = excluded.rest;
  update lifeboat.dump_steps set rest = null where run_id = run and step < at_step and rest is not null;
  return true;
end $$;
