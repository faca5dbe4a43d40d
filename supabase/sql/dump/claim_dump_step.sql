-- Takes the step after `known_step`, if the run still has this epoch: raises it, so that whoever held it cannot write any
-- more. The caller holds the snapshot and the locks already. Answers {"run", "epoch", "step", "upload", "lostSteps"}; {"taken": true}
-- also when a writer that was only silent has come further meanwhile; {"lost": true} when nobody else holds the snapshot
-- now: then a TRUNCATE may have slipped in between its locks and the caller's.
create or replace function lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer,
  holder jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  history public.backup_history;
  last_step integer;
  state lifeboat.dumps;
  taken lifeboat.runs;
begin
  perform from lifeboat.leases where run_id = run and epoch = known_epoch for update;
  if not found then
    return jsonb_build_object('taken', true);
  end if;
  select * into strict history from public.backup_history where id = run;
  select max(s.step) into last_step from lifeboat.dump_steps s where s.run_id = run;
  if history.status <> 'running' or last_step is null then
    raise exception 'run % has no step to go on from', run;
  end if;
  if last_step <> known_step then
    return jsonb_build_object('taken', true);
  end if;
  if not exists (select from lifeboat.live_dump_holders h where h.run_id = run) then
    return jsonb_build_object('lost', true);
  end if;
  update lifeboat.dumps d
  set attempts = case when d.step = last_step + 1 then d.attempts + 1 else 1 end, step = last_step + 1,
    given_back = false
  where d.run_id = run
  returning * into state;
  perform lifeboat.add_dump_holder(run, state.step, holder);
  taken := lifeboat.take_over_step(run, lease_ms, state.step, state.attempts);
  return jsonb_build_object('run', to_jsonb(history), 'epoch', taken.epoch::text, 'step', state.step,
    'upload', taken.upload_id, 'lostSteps', taken.lost_steps);
end $$;
