-- Takes the step after the last checkpoint of a verify, if the run still has this epoch. Answers {"run", "epoch", "step", "attempts", "position", "lostSteps"}, or {"taken": true}.
create or replace function lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  history public.backup_history;
  last lifeboat.verify_steps;
  state lifeboat.verifies;
  taken lifeboat.runs;
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
  update lifeboat.verifies v
  set attempts = case when v.step = last.step + 1 then v.attempts + 1 else 1 end, step = last.step + 1
  where v.run_id = run
  returning * into state;
  taken := lifeboat.take_over_step(run, lease_ms, state.step, state.attempts);
  return jsonb_build_object('run', to_jsonb(history), 'epoch', taken.epoch::text, 'step', state.step,
    'attempts', state.attempts, 'position', last.position, 'lostSteps', taken.lost_steps);
end $$;
