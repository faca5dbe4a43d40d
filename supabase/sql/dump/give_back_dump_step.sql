-- Leaves a failed step to another worker that holds the snapshot. False when no other does, the step was tried too often
-- already, or the run is not the caller's.
create or replace function lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer)
returns boolean
language plpgsql set search_path = ''
as $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  update lifeboat.dumps d set given_back = true
  where d.run_id = run and d.attempts < most and exists (
    select from lifeboat.live_dump_holders h where h.run_id = run and h.step < d.step
  ) and not exists (select from lifeboat.runs r where r.run_id = run and r.cancel_requested_at is not null);
  return found;
end $$;
