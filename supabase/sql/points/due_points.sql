-- Points that can be settled or whose email can be claimed now, oldest first.
create or replace function lifeboat.due_points() returns table (project text, point text)
language sql stable set search_path = ''
as $$
  select o.project, o.point from lifeboat.open_points o where o.can_settle
  union
  select p.project, p.point from lifeboat.recovery_points p cross join lifeboat.settings s
  where p.email_status in ('pending', 'failed') and p.email_attempts < s.email_attempts
    and coalesce(p.email_claimed_until, '-infinity') <= clock_timestamp()
  order by 2, 1
$$;
