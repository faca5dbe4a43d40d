-- Writes where a step of a verify stands and what it found. False when the run is not the caller's any more; the same answer when repeated.
create or replace function lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb,
  found_there jsonb) returns boolean
language plpgsql set search_path = ''
as $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, at_step, reached, found_there)
  on conflict (run_id, step) do update set position = excluded.position, found = excluded.found;
  return true;
end $$;
