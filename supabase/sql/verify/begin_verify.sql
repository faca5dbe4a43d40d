-- Notes that a verify has begun whose worker may die, and what was asked for; forgets what ended ones carried. May be
-- repeated.
create or replace function lifeboat.begin_verify(run uuid, request jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from lifeboat.verifies v using public.backup_history h where h.id = v.run_id and h.status <> 'running';
  insert into lifeboat.verifies (run_id) values (run) on conflict do nothing;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, 0, request, '{}') on conflict do nothing;
end $$;
