-- Whether another invocation can go on with a verify whose worker has died. A step that has killed five workers, each with
-- half the work of the one before, would kill a sixth; and one that nobody could go on with for an hour is given up.
create or replace function lifeboat.verify_can_go_on(run uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from lifeboat.verifies v
    join public.backup_history h on h.id = v.run_id
    where v.run_id = run and h.status = 'running'
      and exists (
        select from lifeboat.leases l
        where l.run_id = run and l.heartbeat_at > clock_timestamp() - interval '1 hour'
      )
      and (v.attempts < 5 or v.step <= (select max(s.step) from lifeboat.verify_steps s where s.run_id = v.run_id))
      and not exists (select from lifeboat.runs r where r.run_id = h.id and r.cancel_requested_at is not null)
  )
$$;
