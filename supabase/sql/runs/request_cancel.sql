-- Asks a run to stop. Its next heartbeat sees it. False when it is not running.
create or replace function lifeboat.request_cancel(run uuid) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.runs r set cancel_requested_at = coalesce(r.cancel_requested_at, clock_timestamp())
  from public.backup_history h
  where r.run_id = run and h.id = run and h.status = 'running';
  return found;
end $$;
