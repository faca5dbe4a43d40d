-- Notes that a dump has begun, and forgets the state that ended dumps carried from step to step.
create or replace function lifeboat.begin_dump(run uuid, holder jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from lifeboat.dump_steps s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  delete from lifeboat.dump_holders s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  perform lifeboat.add_dump_holder(run, 1, holder);
end $$;
