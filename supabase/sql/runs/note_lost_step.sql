-- Notes that the platform ended a worker of the run, or was about to: the steps that come take on half as much.
create or replace function lifeboat.note_lost_step(run uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.runs r set lost_steps = r.lost_steps + 1 where r.run_id = run
$$;
