-- The verify whose invocations have all died and that can go on: its run and epoch. Keeps its lease for another minute, so
-- that it is neither closed nor answered twice while the next invocation starts.
create or replace function lifeboat.claim_dead_verify() returns table (run uuid, epoch text)
language sql set search_path = ''
as $$
  update lifeboat.leases l set expires_at = clock_timestamp() + interval '1 minute'
  where l.kind = 'verify' and l.expires_at <= clock_timestamp() and lifeboat.verify_can_go_on(l.run_id)
  returning l.run_id, l.epoch::text
$$;
