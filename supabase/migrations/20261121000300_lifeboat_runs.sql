-- Runs: start, heartbeat, settle, cancel, give up. Each function is one short transaction on the database's clock, so
-- that a worker killed anywhere leaves either all of a step or nothing. Locks are taken in the order lease, history,
-- recovery point. May be applied again.

-- Opens a recovery point: a UTC second that no other point of the project has. The next free one if this is taken.
create or replace function lifeboat.open_point(for_project text) returns text
language plpgsql set search_path = ''
as $$
declare
  moment timestamp := date_trunc('second', clock_timestamp() at time zone 'UTC');
  candidate text;
begin
  loop
    candidate := to_char(moment, 'YYYY-MM-DD"T"HH24-MI-SS"Z"');
    insert into lifeboat.recovery_points (project, point) values (for_project, candidate) on conflict do nothing;
    if found then
      return candidate;
    end if;
    moment := moment + interval '1 second';
  end loop;
end $$;

-- Closes the row of a run whose worker is gone. It ended when it was last heard of, not when somebody noticed.
create or replace function lifeboat.abandon_run(dead uuid, last_heard timestamptz) returns void
language sql set search_path = ''
as $$
  update public.backup_history h
  set status = 'failed',
    finished_at = greatest(h.started_at, coalesce(last_heard, h.started_at)),
    duration_ms = extract(epoch from greatest(h.started_at, coalesce(last_heard, h.started_at)) - h.started_at) * 1000,
    error_code = 'run_abandoned',
    error_message = format('The worker stopped without a word%s; it was last heard of at %s UTC.',
      ' in phase ' || (h.progress ->> 'phase'),
      to_char(coalesce(last_heard, h.started_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
    error_hint = 'Nothing that was stored before is harmed. The next run starts afresh; if this happens again, the worker''s limits are outgrown: run the backup from the command line.'
  where h.id = dead and h.status = 'running'
$$;

-- Takes the lease of the request's kind and records the run. Answers {"run": row, "epoch": text}, or
-- {"running": id} while another run of the kind is alive, or {"unknownPoint": point}.
create or replace function lifeboat.start_run(request jsonb, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  wanted_kind constant text := request ->> 'kind';
  wanted_point text := request ->> 'recoveryPoint';
  held lifeboat.leases;
  started public.backup_history;
begin
  insert into lifeboat.leases (kind) values (wanted_kind) on conflict do nothing;
  select * into strict held from lifeboat.leases where kind = wanted_kind for update;
  if held.run_id is not null and held.expires_at > clock_timestamp() then
    return jsonb_build_object('running', held.run_id);
  end if;

  if wanted_kind in ('database', 'media') and wanted_point is not null and not exists (
    select from lifeboat.recovery_points p where p.project = request ->> 'project' and p.point = wanted_point
  ) then
    return jsonb_build_object('unknownPoint', wanted_point);
  end if;

  if held.run_id is not null then
    perform lifeboat.abandon_run(held.run_id, held.heartbeat_at);
  end if;
  wanted_point := coalesce(wanted_point, case
    when wanted_kind in ('database', 'media') then lifeboat.open_point(request ->> 'project')
    else to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24-MI-SS"Z"')
  end);

  -- The media half of a dump was asked for by whoever asked for the dump.
  insert into public.backup_history
    (kind, status, trigger, triggered_by, label, pinned, project, recovery_point, started_at)
  select wanted_kind, 'running', coalesce(dump.trigger, request ->> 'trigger'),
    coalesce(dump.triggered_by, (request ->> 'triggeredBy')::uuid), coalesce(request ->> 'label', dump.label),
    coalesce((request ->> 'pinned')::boolean, dump.pinned, false), request ->> 'project', wanted_point, clock_timestamp()
  from (select) as one
  left join (lifeboat.recovery_points p join public.backup_history dump on dump.id = p.database_run)
    on wanted_kind = 'media' and p.project = request ->> 'project' and p.point = wanted_point
  returning * into started;

  insert into lifeboat.runs (run_id, epoch) values (started.id, held.epoch + 1);
  update lifeboat.leases
  set epoch = held.epoch + 1, run_id = started.id, heartbeat_at = started.started_at,
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where kind = wanted_kind;
  update lifeboat.recovery_points
  set database_run = case wanted_kind when 'database' then started.id else database_run end,
    media_run = case wanted_kind when 'media' then started.id else media_run end
  where project = started.project and point = wanted_point;

  return jsonb_build_object('run', to_jsonb(started), 'epoch', (held.epoch + 1)::text);
end $$;

-- Keeps the lease and notes progress. `held` is false once somebody else has it or it was given up.
create or replace function lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb,
  out held boolean, out cancelled boolean)
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.leases
  set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where run_id = run and epoch = run_epoch;
  held := found;
  if held and noted is not null then
    update public.backup_history set progress = noted where id = run and status = 'running';
  end if;
  select r.cancel_requested_at is not null into cancelled from lifeboat.runs r where r.run_id = run;
  cancelled := coalesce(cancelled, false);
end $$;

drop function if exists lifeboat.remember_upload(uuid, text, text);

-- Notes an open upload, or forgets it. False when another worker has the run by now, whose upload it must not hide. What a
-- run that was given up leaves behind is noted all the same.
create or replace function lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.runs set upload_key = key, upload_id = upload where run_id = run and epoch = run_epoch;
  return found;
end $$;

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
    -- Where a failed run stood tells what went wrong; a run that ended well stands at its end.
    progress = case when outcome ->> 'status' in ('success', 'partial') then null else h.progress end
  where h.id = run
  returning * into settled;

  if settled.status in ('success', 'partial') then
    update lifeboat.runs set upload_key = null, upload_id = null where run_id = run;
  end if;
  return to_jsonb(settled);
end $$;

-- Closes every run whose lease has run out, and rows that no lease covers (a restored history). Answers their rows.
create or replace function lifeboat.close_abandoned_runs() returns setof jsonb
language plpgsql set search_path = ''
as $$
declare
  dead record;
begin
  for dead in
    select l.kind, l.run_id, l.heartbeat_at from lifeboat.leases l
    where l.run_id is not null and l.expires_at <= clock_timestamp()
      and not (l.kind = 'media' and lifeboat.media_can_go_on(l.run_id))
    for update skip locked
  loop
    perform lifeboat.abandon_run(dead.run_id, dead.heartbeat_at);
    update lifeboat.leases set run_id = null, expires_at = null where kind = dead.kind;
    return query select to_jsonb(h) from public.backup_history h where h.id = dead.run_id;
  end loop;

  for dead in
    select h.id from public.backup_history h
    where h.status = 'running' and not exists (select from lifeboat.leases l where l.run_id = h.id)
    for update skip locked
  loop
    perform lifeboat.abandon_run(dead.id, null);
    return query select to_jsonb(h) from public.backup_history h where h.id = dead.id;
  end loop;
end $$;

-- Uploads that ended runs left open.
create or replace view lifeboat.open_uploads with (security_invoker = true) as
select r.run_id, r.upload_key, r.upload_id
from lifeboat.runs r
join public.backup_history h on h.id = r.run_id
where r.upload_id is not null and h.status <> 'running';

revoke all on lifeboat.open_uploads from public, anon, authenticated;
grant select on lifeboat.open_uploads to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
