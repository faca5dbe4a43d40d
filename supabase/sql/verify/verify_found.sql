-- What all steps of a verify found, in their order.
create or replace function lifeboat.verify_found(run uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(s.found order by s.step), '[]') from lifeboat.verify_steps s where s.run_id = run and s.step > 0
$$;
