-- Claims points whose media run has to be started (again). Within the grace period the worker of the dump may
-- be about to start it, so the point is left alone.
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
