-- Takes the step after the last checkpoint of a verify, if the run still has this epoch: raises it, so that whoever held it
-- cannot write any more. A step that is taken a second time has lost its worker, and the run remembers that. Answers
-- {"run", "epoch", "step", "attempts", "position", "lostSteps"}, or {"taken": true}.
create or replace function lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  history public.backup_history;
  last lifeboat.verify_steps;
  state lifeboat.verifies;
  lost integer;
begin
  perform from lifeboat.leases where run_id = run and epoch = known_epoch for update;
  if not found then
    return jsonb_build_object('taken', true);
  end if;
  select * into history from public.backup_history where id = run and status = 'running';
  select * into last from lifeboat.verify_steps s where s.run_id = run order by s.step desc limit 1;
  if history.id is null or last.run_id is null then
    return jsonb_build_object('taken', true);
  end if;
  update lifeboat.leases
  set epoch = epoch + 1, heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where run_id = run;
  update lifeboat.verifies v
  set attempts = case when v.step = last.step + 1 then v.attempts + 1 else 1 end, step = last.step + 1
  where v.run_id = run
  returning * into state;
  -- Eight steps in a row that went well give one halving back: the host may have been busy only for a while.
  update lifeboat.runs r
  set epoch = known_epoch + 1, lost_steps = greatest(0, r.lost_steps + case when state.attempts > 1 then 1
    when state.step % 8 = 0 then -1 else 0 end)
  where r.run_id = run
  returning r.lost_steps into lost;
  return jsonb_build_object('run', to_jsonb(history), 'epoch', (known_epoch + 1)::text, 'step', state.step,
    'attempts', state.attempts, 'position', last.position, 'lostSteps', lost);
end $$;
