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
