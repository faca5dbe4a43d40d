-- The newest database and media run of a point, and what is known to be damaged in it.
create or replace function lifeboat.point_record(of_project text, of_point text) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'database', (select to_jsonb(h) from public.backup_history h
      where h.project = of_project and h.recovery_point = of_point and h.kind = 'database'
      order by h.started_at desc limit 1),
    'media', (select to_jsonb(h) from public.backup_history h
      where h.project = of_project and h.recovery_point = of_point and h.kind = 'media'
      order by h.started_at desc limit 1),
    'damage', coalesce((select c.damage from lifeboat.point_checks c
      where c.project = of_project and c.point = of_point), '[]'))
$$;
