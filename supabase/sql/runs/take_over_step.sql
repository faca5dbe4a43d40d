-- Gives a run that goes on in steps to the caller, who holds its lease's row: raises the epoch, so that whoever had it cannot
-- write any more. A step that is taken a second time (`attempts`) has lost its worker, and the run remembers that; eight steps
-- in a row that went well give one halving back, since the host may have been busy only for a while. Answers the run.
create or replace function lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer)
returns lifeboat.runs
language plpgsql set search_path = ''
as $$
declare
  raised bigint;
  taken lifeboat.runs;
begin
  update lifeboat.leases l
  set epoch = l.epoch + 1, heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where l.run_id = run
  returning l.epoch into raised;
  update lifeboat.runs r
  set epoch = raised, lost_steps = greatest(0, r.lost_steps + case when attempts > 1 then 1
    when at_step % 8 = 0 then -1 else 0 end)
  where r.run_id = run
  returning r.* into taken;
  return taken;
end $$;
