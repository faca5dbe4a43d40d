-- What the page's overview shows, except the next run, which is computed in TypeScript from the cron expression.
create or replace function lifeboat.overview(of_project text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  scheduled text;
begin
  if to_regclass('cron.job') is not null then
    execute $query$ select j.schedule from cron.job j where j.jobname = 'lifeboat-database-backup' and j.active $query$
      into scheduled;
  end if;
  return (
    with stored as (
      select * from public.backup_history
      where project = of_project and kind in ('database', 'media') and status in ('success', 'partial', 'damaged')
    )
    select jsonb_build_object(
      'totalBackups', (select count(*) from stored where kind = 'database'),
      'successRate30Days', (select avg((h.status = 'success')::integer) from public.backup_history h
        where h.project = of_project and h.kind in ('database', 'media') and h.status <> 'running'
          and h.started_at > clock_timestamp() - interval '30 days'),
      'storedBytes', (select coalesce(sum(bytes), 0) from stored),
      'newestPoint', (select jsonb_build_object('recoveryPoint', n.recovery_point, 'startedAt', n.started_at,
          'status', n.status)
        from stored n where n.kind = 'database' order by n.started_at desc limit 1),
      'newestVerifiedPoint', (select jsonb_build_object('recoveryPoint', c.point, 'verifiedAt', c.verified_at)
        from lifeboat.point_checks c where c.project = of_project and c.verified_at is not null
        order by c.point desc limit 1),
      'targetHours', (select extract(epoch from s.overdue_after) / 3600 from lifeboat.settings s),
      'schedule', scheduled,
      'lastDrill', (select jsonb_build_object('finishedAt', d.finished_at, 'durationMs',
          coalesce((d.details ->> 'restoreMs')::numeric, d.duration_ms), 'status', d.status)
        from public.backup_history d
        where d.kind = 'drill' and d.status <> 'running' and d.project = of_project
        order by d.started_at desc limit 1))
  );
end $$;
