-- Every point that is not settled, and whether it can be. A point is settled when both of its runs have ended, when the
-- dump failed (no media run follows), or when the media run took too long or cannot be started.
create or replace view lifeboat.open_points with (security_invoker = true) as
select p.project, p.point, p.media_error, s.settle_after,
  d.finished_at as dump_ended_at,
  m.status as media_status,
  l.media_left, l.attempts as media_attempts,
  w.media_owed and l.attempts < s.media_attempts as media_to_start,
  case
    when d.id is null and m.id is null then false
    when d.status = 'running' then false
    when d.id is null or d.status not in ('success', 'partial') then m.status is distinct from 'running'
    when clock_timestamp() > d.finished_at + s.settle_after then true
    when w.media_owed then l.attempts >= s.media_attempts
      and coalesce(p.media_claimed_until, '-infinity') < clock_timestamp()
    else m.status <> 'running'
  end as can_settle
from lifeboat.recovery_points p
cross join lifeboat.settings s
left join public.backup_history d on d.id = p.database_run
left join public.backup_history m on m.id = p.media_run
cross join lateral (
  -- The dump is good, but its media run never began, or its worker died or was ended by the platform.
  -- One that waits for another point's run is not owed: that run takes it next.
  select coalesce(d.status in ('success', 'partial')
    and (m.id is null or m.status = 'failed' and m.error_code in ('run_abandoned', 'worker_ended')), false)
    and not (p.media_queued_at is not null and exists (
      select from lifeboat.leases l where l.kind = 'media' and l.run_id is not null and l.expires_at > clock_timestamp()))
) as w (media_owed)
cross join lateral (
  -- A media run that outgrows one worker goes on in the next as often as it takes; only starts in vain are counted.
  select q.media_left, case when q.media_left < p.media_left then 0 else p.media_attempts end
  from (
    select count(*) from lifeboat.media_items i
    where w.media_owed and i.recovery_point = p.point and i.status in ('pending', 'claimed')
  ) as q (media_left)
) as l (media_left, attempts)
where p.settled_at is null;
