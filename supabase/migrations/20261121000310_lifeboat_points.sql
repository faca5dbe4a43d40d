-- Recovery points: when one is settled, who may send its email, which media runs are owed. May be applied again.

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

-- Gives one caller the right to send the point's email. Null when it is not owed, is being sent, or has had its tries.
create or replace function lifeboat.claim_email(of_project text, of_point text, claim_ms integer) returns uuid
language plpgsql set search_path = ''
as $$
declare
  claimed uuid;
begin
  update lifeboat.recovery_points p
  set email_claim = gen_random_uuid(), email_attempts = p.email_attempts + 1,
    email_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.settings s
  where p.project = of_project and p.point = of_point and p.email_status in ('pending', 'failed')
    and p.email_attempts < s.email_attempts
    and coalesce(p.email_claimed_until, '-infinity') <= clock_timestamp()
  returning p.email_claim into claimed;
  return claimed;
end $$;

-- Notes how sending went. False when the claim had passed to somebody else. A failure is tried again later, the more
-- failures the later; the history shows it meanwhile.
create or replace function lifeboat.record_email(
  of_project text, of_point text, claim uuid, sent_status text, why text, email text
) returns boolean
language plpgsql set search_path = ''
as $$
declare
  owner_run uuid;
begin
  update lifeboat.recovery_points p
  set email_status = sent_status, email_error = why, email_id = email, email_claim = null,
    email_claimed_until = case
      when sent_status = 'failed' then clock_timestamp() + p.email_attempts * interval '5 minutes'
    end
  where p.project = of_project and p.point = of_point and p.email_claim = claim
  returning coalesce(p.database_run, p.media_run) into owner_run;
  if not found then
    return false;
  end if;
  update public.backup_history set email_status = sent_status, email_error = why where id = owner_run;
  return true;
end $$;

-- Closes emails whose sender died at the last try.
create or replace function lifeboat.give_up_emails() returns integer
language sql set search_path = ''
as $$
  with given_up as (
    update lifeboat.recovery_points p
    set email_status = 'failed', email_claim = null, email_claimed_until = null,
      email_error = 'The sender stopped before it could say whether the email went out.'
    from lifeboat.settings s
    where p.email_status = 'pending' and p.email_attempts >= s.email_attempts
      and p.email_claimed_until <= clock_timestamp()
    returning coalesce(p.database_run, p.media_run) as run_id, p.email_error
  ), noted as (
    update public.backup_history h set email_status = 'failed', email_error = g.email_error
    from given_up g where h.id = g.run_id
  )
  select count(*)::integer from given_up
$$;

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

-- What a message about a point has to know.
create or replace function lifeboat.point_summary(of_project text, of_point text) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('project', p.project, 'recoveryPoint', p.point, 'unsettled', p.unsettled,
    'database', (select to_jsonb(h) from public.backup_history h where h.id = p.database_run),
    'media', (select to_jsonb(h) from public.backup_history h where h.id = p.media_run))
  from lifeboat.recovery_points p
  where p.project = of_project and p.point = of_point
$$;

-- Claims points whose media run has to be started (again). Grace: the dump's own worker may be about to.
create or replace function lifeboat.claim_media(claim_ms integer, grace_ms integer)
  returns table (project text, point text)
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_attempts = o.media_attempts + 1, media_left = o.media_left,
    media_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.open_points o
  where o.media_to_start and p.project = o.project and p.point = o.point and p.settled_at is null
    and o.dump_ended_at + make_interval(secs => grace_ms / 1000.0) <= clock_timestamp()
    and coalesce(p.media_claimed_until, '-infinity') <= clock_timestamp()
  returning p.project, p.point
$$;

-- Notes how starting went. A media run of another point that is still at work is no failed attempt.
create or replace function lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text)
  returns void
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_error = why,
    media_attempts = p.media_attempts - case when failed_code = 'already_running' then 1 else 0 end
  where p.project = of_project and p.point = of_point
$$;

-- Claims the alert that no good dump is young enough: at most once a day. Null when none is owed.
create or replace function lifeboat.claim_overdue(claim_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  newest public.backup_history;
  target interval;
  since timestamptz;
  claimed uuid;
begin
  select * into newest from public.backup_history
  where kind = 'database' and status in ('success', 'partial')
  order by started_at desc limit 1;
  select s.overdue_after, coalesce(newest.started_at, s.installed_at) into target, since from lifeboat.settings s;
  if since + target > clock_timestamp() then
    return null;
  end if;
  insert into lifeboat.alerts (name) values ('overdue') on conflict do nothing;
  update lifeboat.alerts a
  set claim = gen_random_uuid(), claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  where a.name = 'overdue'
    and coalesce(a.sent_at, '-infinity') + interval '24 hours' <= clock_timestamp()
    and coalesce(a.claimed_until, '-infinity') <= clock_timestamp()
  returning a.claim into claimed;
  return case when claimed is not null then jsonb_build_object('claim', claimed, 'newest', newest.recovery_point,
    'project', coalesce(newest.project, (select h.project from public.backup_history h order by h.started_at desc limit 1)),
    'since', since,
    'targetHours', extract(epoch from target) / 3600)
  end;
end $$;

create or replace function lifeboat.record_overdue(of_claim uuid, sent boolean, why text) returns void
language sql set search_path = ''
as $$
  update lifeboat.alerts
  set error = why, claim = null,
    sent_at = case when sent then clock_timestamp() else sent_at end,
    claimed_until = case when sent then null else clock_timestamp() + interval '1 hour' end
  where name = 'overdue' and claim = of_claim
$$;

revoke all on lifeboat.open_points from public, anon, authenticated;
grant select on lifeboat.open_points to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
