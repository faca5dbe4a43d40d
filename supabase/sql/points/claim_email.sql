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
