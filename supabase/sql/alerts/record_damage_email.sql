-- Notes how sending went. False when the claim had passed to somebody else.
create or replace function lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.point_checks c
  set email_status = sent_status, email_error = why, email_claim = null,
    email_claimed_until = case
      when sent_status = 'failed' then clock_timestamp() + c.email_attempts * interval '5 minutes'
    end
  where c.email_claim = of_claim;
  return found;
end $$;
