-- Picks a failed dump to be made again: one that lost its snapshot, its worker or its upload, once in six hours, and only while no
-- other has begun. One that somebody cancelled stays ended. Answers its row, once.
create or replace function lifeboat.claim_dump_restart() returns jsonb
language plpgsql set search_path = ''
as $$
declare
  failed public.backup_history;
begin
  perform from lifeboat.leases where kind = 'database' for update;
  select h.* into failed
  from lifeboat.dumps d join public.backup_history h on h.id = d.run_id
  where h.status = 'failed' and d.restarted_at is null
    and h.error_code in ('run_abandoned', 'snapshot_lost', 'lock_timeout', 'worker_ended', 'step_abandoned',
      'lease_lost', 'upload_missing', 'destination_changed')
    and h.finished_at > clock_timestamp() - interval '6 hours'
    and not exists (select from lifeboat.runs r where r.run_id = h.id and r.cancel_requested_at is not null)
    and not exists (
      select from public.backup_history later
      where later.kind = 'database' and later.project = h.project and later.started_at > h.started_at
    )
    and not exists (
      select from lifeboat.dumps other join public.backup_history o on o.id = other.run_id
      where o.project = h.project and other.restarted_at > clock_timestamp() - interval '6 hours'
    )
  order by h.started_at desc limit 1;
  if failed.id is null then
    return null;
  end if;
  update lifeboat.dumps set restarted_at = clock_timestamp() where run_id = failed.id;
  return to_jsonb(failed);
end $$;
