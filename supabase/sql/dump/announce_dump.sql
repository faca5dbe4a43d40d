-- Notes that a dump has begun whose worker may die: from then on another is started in its place. One that stands for a
-- dump whose worker was killed begins with smaller steps. Answers how many steps count as lost. May be repeated.
create or replace function lifeboat.announce_dump(run uuid) returns integer
language plpgsql set search_path = ''
as $$
declare
  lost integer;
begin
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  select max(killed.lost_steps) + 1 into lost
  from lifeboat.dumps d
  join lifeboat.runs killed on killed.run_id = d.run_id
  join public.backup_history h on h.id = d.run_id
  join public.backup_history own on own.id = run and own.project = h.project
  where d.restarted_at > clock_timestamp() - interval '10 minutes'
    and h.error_code in ('run_abandoned', 'worker_ended', 'step_abandoned');
  update lifeboat.runs r set lost_steps = greatest(r.lost_steps, coalesce(lost, 0)) where r.run_id = run
  returning r.lost_steps into lost;
  return lost;
end $$;
