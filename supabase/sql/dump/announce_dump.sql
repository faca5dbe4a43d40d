-- Notes that a dump has begun whose worker may die: from then on another is started in its place.
create or replace function lifeboat.announce_dump(run uuid) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing
$$;
