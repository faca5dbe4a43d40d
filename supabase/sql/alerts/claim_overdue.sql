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
