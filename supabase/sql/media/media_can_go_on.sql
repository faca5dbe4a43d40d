-- Whether others can go on with a media run when all its invocations have died: its files were listed, nobody cancelled
-- it, and it has moved since it was last taken up, or has tries left.
create or replace function lifeboat.media_can_go_on(run uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.backup_history h
    join lifeboat.recovery_points p on p.project = h.project and p.point = h.recovery_point
    join lifeboat.media_points m on m.recovery_point = h.recovery_point
    cross join lifeboat.settings s
    where h.id = run and h.status = 'running' and (m.steps > p.media_steps or p.media_revivals < s.media_attempts)
      and not exists (select from lifeboat.runs r where r.run_id = h.id and r.cancel_requested_at is not null)
  )
$$;
