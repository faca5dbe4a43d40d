-- What an email about a point contains.
create or replace function lifeboat.point_summary(of_project text, of_point text) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('project', p.project, 'recoveryPoint', p.point, 'unsettled', p.unsettled,
    'database', (select to_jsonb(h) from public.backup_history h where h.id = p.database_run),
    'media', (select to_jsonb(h) from public.backup_history h where h.id = p.media_run))
  from lifeboat.recovery_points p
  where p.project = of_project and p.point = of_point
$$;
