-- Gives one caller the right to send each email about damage that is owed.
create or replace function lifeboat.claim_damage_emails(claim_ms integer) returns setof jsonb
language sql set search_path = ''
as $$
  update lifeboat.point_checks c
  set email_claim = gen_random_uuid(), email_attempts = c.email_attempts + 1,
    email_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.settings s
  where c.email_status in ('pending', 'failed') and c.email_attempts < s.email_attempts
    and coalesce(c.email_claimed_until, '-infinity') <= clock_timestamp()
  returning jsonb_build_object('claim', c.email_claim, 'project', c.project, 'recoveryPoint', c.point,
    'checkRun', c.check_run, 'checkedAt', c.checked_at, 'damage', c.damage,
    'lastVerified', (select max(o.point) from lifeboat.point_checks o
      where o.project = c.project and o.verified_at is not null))
$$;
