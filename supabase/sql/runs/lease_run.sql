-- Takes the lease of the request's kind and records the run. Answers {"run": row, "epoch": text}, or
-- {"running": id} while another run of the kind is alive, or {"unknownPoint": point}. For start_run and begin_media only.
create or replace function lifeboat.lease_run(request jsonb, lease_ms integer) returns jsonb
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

  -- The media backup that follows a dump was asked for by whoever asked for the dump.
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
