-- Writes how a run ended and frees the lease. Answers the row, or null when the run was taken over or given up; the
-- same answer when repeated, because the first answer may have been lost on its way.
create or replace function lifeboat.settle_run(run uuid, run_epoch bigint, outcome jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  settled public.backup_history;
begin
  update lifeboat.leases set run_id = null, expires_at = null where run_id = run and epoch = run_epoch;
  if not found then
    select * into settled from public.backup_history
    where id = run and status <> 'running' and error_code is distinct from 'run_abandoned';
    return case when found then to_jsonb(settled) end;
  end if;

  update public.backup_history h
  set status = outcome ->> 'status',
    finished_at = greatest(h.started_at, clock_timestamp()),
    duration_ms = extract(epoch from greatest(h.started_at, clock_timestamp()) - h.started_at) * 1000,
    s3_key = outcome ->> 's3Key',
    manifest_key = outcome ->> 'manifestKey',
    bytes = (outcome ->> 'bytes')::bigint,
    raw_bytes = (outcome ->> 'rawBytes')::bigint,
    tables = (outcome ->> 'tables')::bigint,
    rows = (outcome ->> 'rows')::bigint,
    files = (outcome ->> 'files')::bigint,
    skipped = (outcome ->> 'skipped')::bigint,
    checksum = outcome ->> 'checksum',
    error_code = outcome ->> 'errorCode',
    error_message = outcome ->> 'errorMessage',
    error_hint = outcome ->> 'errorHint',
    details = outcome -> 'details',
    -- The progress of a failed run is kept, because it shows where the run failed.
    progress = case when outcome ->> 'status' in ('success', 'partial') then null else h.progress end
  where h.id = run
  returning * into settled;

  if settled.status in ('success', 'partial') then
    update lifeboat.runs set upload_key = null, upload_id = null where run_id = run;
  end if;
  return to_jsonb(settled);
end $$;
