-- Settles a point that can be settled, and makes its email owed. True when it is settled now or was before.
create or replace function lifeboat.settle_point(of_project text, of_point text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  owner_run uuid;
begin
  update lifeboat.recovery_points p
  set settled_at = clock_timestamp(),
    email_status = 'pending',
    unsettled = case
      when o.dump_ended_at is not null and o.media_status = 'running' then jsonb_build_array(jsonb_build_object(
        'half', 'media',
        'reason', format('The media run is still at work %s after the dump ended.', o.settle_after)))
      when d.status in ('success', 'partial') and o.media_status is null then jsonb_build_array(jsonb_build_object(
        'half', 'media',
        'reason', 'No media run could be started for this dump.' || coalesce(' ' || o.media_error, '')))
      else '[]'
    end
  from lifeboat.open_points o
  join lifeboat.recovery_points q using (project, point)
  left join public.backup_history d on d.id = q.database_run
  where o.project = of_project and o.point = of_point and o.can_settle
    and p.project = o.project and p.point = o.point and p.settled_at is null
  returning coalesce(p.database_run, p.media_run) into owner_run;
  if found then
    update public.backup_history set email_status = 'pending' where id = owner_run;
    return true;
  end if;
  return exists (
    select from lifeboat.recovery_points p
    where p.project = of_project and p.point = of_point and p.settled_at is not null
  );
end $$;
