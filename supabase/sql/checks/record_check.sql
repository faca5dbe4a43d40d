-- Writes down what a check found. `result`: {"deep", "looked", "coverage", "damage", "halves": {"database": {"code", …}, …}}.
-- The history rows of runs with damage turn damaged; rows of runs without damage become what they were.
create or replace function lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  known lifeboat.point_checks;
  run_row record;
  is_whole constant boolean := result -> 'damage' = '[]';
begin
  insert into lifeboat.point_checks as c (project, point, checked_at, check_run, deep, coverage)
  values (of_project, of_point, clock_timestamp(), run, (result ->> 'deep')::boolean, result -> 'coverage')
  on conflict (project, point) do update set checked_at = excluded.checked_at, check_run = excluded.check_run,
    deep = excluded.deep, coverage = excluded.coverage
  returning * into known;

  for run_row in
    select h.id, h.status, h.error_code, h.error_message, h.error_hint, result -> 'halves' -> h.kind as problem,
      known.former -> h.id::text as former
    from public.backup_history h
    where h.project = of_project and h.recovery_point = of_point and h.kind in ('database', 'media')
      and h.status in ('success', 'partial', 'damaged')
    for update
  loop
    if run_row.problem is not null then
      if run_row.status <> 'damaged' then
        known.former := known.former || jsonb_build_object(run_row.id, jsonb_build_object('status', run_row.status,
          'code', run_row.error_code, 'message', run_row.error_message, 'hint', run_row.error_hint));
      end if;
      update public.backup_history set status = 'damaged', error_code = run_row.problem ->> 'code',
        error_message = run_row.problem ->> 'message', error_hint = run_row.problem ->> 'hint'
      where id = run_row.id;
    elsif run_row.former is not null then
      known.former := known.former - run_row.id::text;
      update public.backup_history set status = run_row.former ->> 'status', error_code = run_row.former ->> 'code',
        error_message = run_row.former ->> 'message', error_hint = run_row.former ->> 'hint'
      where id = run_row.id;
    end if;
  end loop;

  update lifeboat.point_checks c
  set damage = result -> 'damage', former = known.former,
    verified_at = case when not is_whole then null when (result ->> 'looked')::boolean then c.checked_at else c.verified_at end,
    email_status = case when is_whole then null when known.damage = '[]' then 'pending' else c.email_status end,
    email_attempts = case when known.damage = '[]' then 0 else c.email_attempts end,
    email_claimed_until = case when known.damage = '[]' then null else c.email_claimed_until end
  where c.project = of_project and c.point = of_point;
end $$;
