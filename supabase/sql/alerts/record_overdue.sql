create or replace function lifeboat.record_overdue(of_claim uuid, sent boolean, why text) returns void
language sql set search_path = ''
as $$
  update lifeboat.alerts
  set error = why, claim = null,
    sent_at = case when sent then clock_timestamp() else sent_at end,
    claimed_until = case when sent then null else clock_timestamp() + interval '1 hour' end
  where name = 'overdue' and claim = of_claim
$$;
