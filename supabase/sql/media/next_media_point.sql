-- The point that a run which has ended leaves as the next, if one was asked for meanwhile.
create or replace function lifeboat.next_media_point(of_project text) returns text
language sql stable set search_path = ''
as $$
  select p.point from lifeboat.recovery_points p
  where p.project = of_project and p.media_queued_at is not null and p.media_run is null
  order by p.point limit 1
$$;
