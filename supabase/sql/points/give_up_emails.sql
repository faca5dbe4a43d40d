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
