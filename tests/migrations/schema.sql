SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

-- Name: lifeboat; Type: SCHEMA; Schema: -; Owner: postgres

CREATE SCHEMA lifeboat;

ALTER SCHEMA lifeboat OWNER TO postgres;

-- Name: SCHEMA lifeboat; Type: COMMENT; Schema: -; Owner: postgres

COMMENT ON SCHEMA lifeboat IS 'Private bookkeeping of Lifeboat. Not for the API.';

-- Name: public; Type: SCHEMA; Schema: -; Owner: pg_database_owner

CREATE SCHEMA public;

ALTER SCHEMA public OWNER TO pg_database_owner;

-- Name: SCHEMA public; Type: COMMENT; Schema: -; Owner: pg_database_owner

COMMENT ON SCHEMA public IS 'standard public schema';

-- Name: app_role; Type: TYPE; Schema: public; Owner: postgres

CREATE TYPE public.app_role AS ENUM (
    'admin',
    'user'
);

ALTER TYPE public.app_role OWNER TO postgres;

-- Name: abandon_run(uuid, timestamp with time zone); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.abandon_run(dead uuid, last_heard timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.abandon_run(dead uuid, last_heard timestamp with time zone) OWNER TO postgres;

-- Name: add_dump_holder(uuid, integer, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into lifeboat.dump_holders (run_id, step, worker, snapshot, pid, backend_start)
  values (run, at_step, (holder ->> 'worker')::uuid, holder ->> 'snapshotId', (holder ->> 'pid')::integer,
    (holder ->> 'backendStart')::timestamptz)
  on conflict do nothing
$$;

ALTER FUNCTION lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) OWNER TO postgres;

-- Name: announce_dump(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.announce_dump(run uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  lost integer;
begin
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  select max(killed.lost_steps) + 1 into lost
  from lifeboat.dumps d
  join lifeboat.runs killed on killed.run_id = d.run_id
  join public.backup_history h on h.id = d.run_id
  join public.backup_history own on own.id = run and own.project = h.project
  where d.restarted_at > clock_timestamp() - interval '10 minutes'
    and h.error_code in ('run_abandoned', 'worker_ended', 'step_abandoned');
  update lifeboat.runs r set lost_steps = greatest(r.lost_steps, coalesce(lost, 0)) where r.run_id = run
  returning r.lost_steps into lost;
  return lost;
end $$;

ALTER FUNCTION lifeboat.announce_dump(run uuid) OWNER TO postgres;

-- Name: bare_etag(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.bare_etag(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
  select nullif(regexp_replace(value, '^(?:W/)?"(.*)"$', '\1'), '')
$_$;

ALTER FUNCTION lifeboat.bare_etag(value text) OWNER TO postgres;

-- Name: beat(uuid, bigint, integer, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb, OUT held boolean, OUT cancelled boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb, OUT held boolean, OUT cancelled boolean) OWNER TO postgres;

-- Name: begin_dump(uuid, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.begin_dump(run uuid, holder jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  delete from lifeboat.dump_steps s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  delete from lifeboat.dump_holders s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  perform lifeboat.add_dump_holder(run, 1, holder);
end $$;

ALTER FUNCTION lifeboat.begin_dump(run uuid, holder jsonb) OWNER TO postgres;

-- Name: begin_media(jsonb, integer, uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  wanted_point constant text := request ->> 'recoveryPoint';
  held lifeboat.leases;
  held_run public.backup_history;
  answer jsonb;
begin
  insert into lifeboat.leases (kind) values ('media') on conflict do nothing;
  select * into strict held from lifeboat.leases where kind = 'media' for update;
  select * into held_run from public.backup_history where id = held.run_id;

  if held_run.id is not null and held.expires_at > clock_timestamp() and wanted_point <> held_run.recovery_point then
    update lifeboat.recovery_points set media_queued_at = coalesce(media_queued_at, clock_timestamp())
    where project = request ->> 'project' and point = wanted_point;
    if found then
      return jsonb_build_object('queued', held.run_id);
    end if;
  end if;

  if held_run.status = 'running' and held.expires_at <= clock_timestamp() and wanted_point = held_run.recovery_point then
    update lifeboat.leases set heartbeat_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
    where kind = 'media';
    perform lifeboat.note_lost_step(held_run.id);
    answer := jsonb_build_object('run', to_jsonb(held_run), 'epoch', held.epoch::text, 'lostSteps',
      (select r.lost_steps from lifeboat.runs r where r.run_id = held_run.id));
  else
    answer := lifeboat.lease_run(request, lease_ms);
  end if;

  if answer ? 'run' then
    delete from lifeboat.media_workers w using public.backup_history h
    where h.id = w.run_id and (h.status <> 'running' or h.id = (answer -> 'run' ->> 'id')::uuid);
    insert into lifeboat.media_workers (worker, run_id, joined_at)
    values (begin_media.worker, (answer -> 'run' ->> 'id')::uuid, clock_timestamp());
    update lifeboat.recovery_points set media_queued_at = null
    where project = request ->> 'project' and point = answer -> 'run' ->> 'recovery_point';
  end if;
  return answer;
end $$;

ALTER FUNCTION lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) OWNER TO postgres;

-- Name: begin_media_item(text, uuid, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.begin_media_item(of_point text, own uuid, at_position integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_items set attempts = attempts + 1
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  if not found then
    return false;
  end if;
  update lifeboat.media_points set steps = steps + 1 where recovery_point = of_point;
  return true;
end $$;

ALTER FUNCTION lifeboat.begin_media_item(of_point text, own uuid, at_position integer) OWNER TO postgres;

-- Name: begin_verify(uuid, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.begin_verify(run uuid, request jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  delete from lifeboat.verifies v using public.backup_history h where h.id = v.run_id and h.status <> 'running';
  insert into lifeboat.verifies (run_id) values (run) on conflict do nothing;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, 0, request, '{}') on conflict do nothing;
end $$;

ALTER FUNCTION lifeboat.begin_verify(run uuid, request jsonb) OWNER TO postgres;

-- Name: call_function(text, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.call_function(function_name text, request jsonb DEFAULT '{"trigger": "cron"}'::jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  problem constant text := lifeboat.schedule_problem();
  hint constant text := 'Store the Vault secrets project_url and backup_secret_key, and enable pg_net and supabase_vault.';
begin
  if problem is null then
    perform net.http_post(
      url := rtrim((select s.decrypted_secret from vault.decrypted_secrets s where s.name = 'project_url'), '/')
        || '/functions/v1/' || function_name,
      headers := jsonb_build_object('Content-Type', 'application/json', 'apikey',
        (select s.decrypted_secret from vault.decrypted_secrets s where s.name = 'backup_secret_key')),
      body := request,
      -- pg_net's own default is a few seconds, less than a cold start may take.
      timeout_milliseconds := 30000
    );
    return;
  end if;
  if function_name <> 'database-backup' then
    raise exception 'Lifeboat cannot call %: %', function_name, problem using hint = hint;
  end if;
  insert into public.backup_history (kind, status, trigger, project, recovery_point, started_at, finished_at,
    duration_ms, error_code, error_message, error_hint)
  values ('database', 'failed', 'cron',
    coalesce((select h.project from public.backup_history h order by h.started_at desc limit 1), 'unknown'),
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24-MI-SS"Z"'), clock_timestamp(), clock_timestamp(),
    0, 'schedule_not_configured', 'The scheduled backup could not be asked for. ' || problem, hint);
  raise warning 'Lifeboat cannot call %: %', function_name, problem using hint = hint;
end $$;

ALTER FUNCTION lifeboat.call_function(function_name text, request jsonb) OWNER TO postgres;

-- Name: checkpoint_dump(uuid, bigint, integer, json, json, json, bytea); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json, reached json, finished json, unfinished bytea) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  update lifeboat.dumps set frame = coalesce(frame, for_frame) where run_id = run;
  insert into lifeboat.dump_steps (run_id, step, position, done, rest)
  values (run, at_step, reached, finished, unfinished)
  on conflict (run_id, step) do update
    set position = excluded.position, done = excluded.done, rest = excluded.rest;
  update lifeboat.dump_steps set rest = null where run_id = run and step < at_step and rest is not null;
  return true;
end $$;

ALTER FUNCTION lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json, reached json, finished json, unfinished bytea) OWNER TO postgres;

-- Name: checkpoint_media_manifest(text, uuid, jsonb, bytea); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_points set manifest = reached, manifest_carry = unfinished, steps = steps + 1
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

ALTER FUNCTION lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea) OWNER TO postgres;

-- Name: checkpoint_verify(uuid, bigint, integer, jsonb, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb, found_there jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, at_step, reached, found_there)
  on conflict (run_id, step) do update set position = excluded.position, found = excluded.found;
  return true;
end $$;

ALTER FUNCTION lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb, found_there jsonb) OWNER TO postgres;

-- Name: claim_damage_emails(integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_damage_emails(claim_ms integer) RETURNS SETOF jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.point_checks c
  set email_claim = gen_random_uuid(), email_attempts = c.email_attempts + 1,
    email_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.settings s
  where c.email_status in ('pending', 'failed') and c.email_attempts < s.email_attempts
    and coalesce(c.email_claimed_until, '-infinity') <= clock_timestamp()
  returning jsonb_build_object('claim', c.email_claim, 'project', c.project, 'recoveryPoint', c.point,
    'checkRun', c.check_run, 'checkedAt', c.checked_at, 'damage', c.damage,
    'lastVerified', (select max(o.point) from lifeboat.point_checks o
      where o.project = c.project and o.verified_at is not null))
$$;

ALTER FUNCTION lifeboat.claim_damage_emails(claim_ms integer) OWNER TO postgres;

-- Name: claim_dead_media(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_dead_media() RETURNS TABLE(project text, point text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.recovery_points p
  set media_revivals = case when m.steps > p.media_steps then 1 else p.media_revivals + 1 end, media_steps = m.steps
  from lifeboat.leases l
  join public.backup_history h on h.id = l.run_id
  join lifeboat.media_points m on m.recovery_point = h.recovery_point
  where l.kind = 'media' and l.expires_at <= clock_timestamp() and lifeboat.media_can_go_on(l.run_id)
    and p.project = h.project and p.point = h.recovery_point
  returning p.project, p.point
$$;

ALTER FUNCTION lifeboat.claim_dead_media() OWNER TO postgres;

-- Name: claim_dead_verify(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_dead_verify() RETURNS TABLE(run uuid, epoch text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.leases l set expires_at = clock_timestamp() + interval '1 minute'
  where l.kind = 'verify' and l.expires_at <= clock_timestamp() and lifeboat.verify_can_go_on(l.run_id)
  returning l.run_id, l.epoch::text
$$;

ALTER FUNCTION lifeboat.claim_dead_verify() OWNER TO postgres;

-- Name: claim_dump_restart(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_dump_restart() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.claim_dump_restart() OWNER TO postgres;

-- Name: claim_dump_step(uuid, bigint, integer, integer, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer, holder jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  history public.backup_history;
  last_step integer;
  state lifeboat.dumps;
  taken lifeboat.runs;
begin
  perform from lifeboat.leases where run_id = run and epoch = known_epoch for update;
  if not found then
    return jsonb_build_object('taken', true);
  end if;
  select * into strict history from public.backup_history where id = run;
  select max(s.step) into last_step from lifeboat.dump_steps s where s.run_id = run;
  if history.status <> 'running' or last_step is null then
    raise exception 'run % has no step to go on from', run;
  end if;
  if last_step <> known_step then
    return jsonb_build_object('taken', true);
  end if;
  if not exists (select from lifeboat.live_dump_holders h where h.run_id = run) then
    return jsonb_build_object('lost', true);
  end if;
  update lifeboat.dumps d
  set attempts = case when d.step = last_step + 1 then d.attempts + 1 else 1 end, step = last_step + 1,
    given_back = false
  where d.run_id = run
  returning * into state;
  perform lifeboat.add_dump_holder(run, state.step, holder);
  taken := lifeboat.take_over_step(run, lease_ms, state.step, state.attempts);
  return jsonb_build_object('run', to_jsonb(history), 'epoch', taken.epoch::text, 'step', state.step,
    'upload', taken.upload_id, 'lostSteps', taken.lost_steps);
end $$;

ALTER FUNCTION lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer, holder jsonb) OWNER TO postgres;

-- Name: claim_email(text, text, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_email(of_project text, of_point text, claim_ms integer) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  claimed uuid;
begin
  update lifeboat.recovery_points p
  set email_claim = gen_random_uuid(), email_attempts = p.email_attempts + 1,
    email_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.settings s
  where p.project = of_project and p.point = of_point and p.email_status in ('pending', 'failed')
    and p.email_attempts < s.email_attempts
    and coalesce(p.email_claimed_until, '-infinity') <= clock_timestamp()
  returning p.email_claim into claimed;
  return claimed;
end $$;

ALTER FUNCTION lifeboat.claim_email(of_project text, of_point text, claim_ms integer) OWNER TO postgres;

-- Name: claim_media(integer, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_media(claim_ms integer, grace_ms integer) RETURNS TABLE(project text, point text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.recovery_points p
  set media_attempts = o.media_attempts + 1, media_left = o.media_left,
    media_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.open_points o
  where o.media_to_start and p.project = o.project and p.point = o.point and p.settled_at is null
    and o.dump_ended_at + make_interval(secs => grace_ms / 1000.0) <= clock_timestamp()
    and coalesce(p.media_claimed_until, '-infinity') <= clock_timestamp()
  returning p.project, p.point
$$;

ALTER FUNCTION lifeboat.claim_media(claim_ms integer, grace_ms integer) OWNER TO postgres;

-- Name: claim_media_closing(text, uuid, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_points p set finisher = own,
    finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where p.recovery_point = of_point and p.closed_at is null
    and (p.finisher is null or p.finisher = own or p.finisher_until < clock_timestamp())
    and not exists (select from lifeboat.media_items i
      where i.recovery_point = of_point and i.status in ('pending', 'claimed'));
  return found;
end $$;

ALTER FUNCTION lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) OWNER TO postgres;

-- Name: claim_media_items(text, uuid, integer, bigint, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint, hold_ms integer) RETURNS SETOF jsonb
    LANGUAGE sql
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
  with candidate as (
    select q.position, q.size_bytes, case when q.status = 'claimed' then greatest(q.attempts, least(q.attempts + 1, 2))
      else q.attempts end as deaths
    from lifeboat.media_items q
    where q.recovery_point = of_point
      and (q.status = 'pending' or (q.status = 'claimed' and q.claimed_until < clock_timestamp()))
    order by q.position limit most for update skip locked
  ), ranked as (
    select c.*, row_number() over rows as place, first_value(deaths) over rows as first_deaths,
      sum(coalesce(size_bytes, 0)) over rows - coalesce(size_bytes, 0) as bytes_before
    from candidate c window rows as (order by position)
  ), claimed as (
    update lifeboat.media_items i set status = 'claimed', claimed_by = own, attempts = r.deaths,
      claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
    from ranked r
    where i.recovery_point = of_point and i.position = r.position
      and (r.place = 1 or (r.first_deaths < 2 and r.deaths < 2 and r.bytes_before < most_bytes))
    returning i.*
  )
  select jsonb_build_object('position', c.position, 'bucket', c.bucket_id, 'path', c.name, 'version', c.version,
    'etag', c.etag, 'sizeBytes', c.size_bytes, 'mimeType', c.mime_type, 'cacheControl', c.cache_control,
    'userMetadata', c.user_metadata, 'attempts', c.attempts,
    'current', case when o.s3_key is not null then jsonb_build_object('version', o.version, 'etag', o.etag,
      'sizeBytes', o.size_bytes, 'mimeType', o.mime_type, 's3Key', o.s3_key, 's3ETag', o.s3_etag,
      's3VersionId', o.s3_version_id, 'archiveKey', o.archive_key, 'archived', o.archived_at is not null,
      'md5', o.md5, 'sha256', o.sha256) end,
    'upload', case when c.upload_state is not null then c.upload_state || jsonb_build_object('uploadId', c.upload_id,
      'parts', (
        select coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'etag', p.etag, 'sizeBytes', p.size_bytes)
          order by p.number), '[]')
        from lifeboat.media_parts p where p.recovery_point = c.recovery_point and p.position = c.position)) end)
  from claimed c left join lifeboat.media_objects o on o.bucket_id = c.bucket_id and o.name = c.name
  order by c.position
$$;

ALTER FUNCTION lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint, hold_ms integer) OWNER TO postgres;

-- Name: claim_overdue(integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_overdue(claim_ms integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  newest public.backup_history;
  target interval;
  since timestamptz;
  claimed uuid;
begin
  select * into newest from public.backup_history
  where kind = 'database' and status in ('success', 'partial')
  order by started_at desc limit 1;
  select s.overdue_after, coalesce(newest.started_at, s.installed_at) into target, since from lifeboat.settings s;
  if since + target > clock_timestamp() then
    return null;
  end if;
  insert into lifeboat.alerts (name) values ('overdue') on conflict do nothing;
  update lifeboat.alerts a
  set claim = gen_random_uuid(), claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  where a.name = 'overdue'
    and coalesce(a.sent_at, '-infinity') + interval '24 hours' <= clock_timestamp()
    and coalesce(a.claimed_until, '-infinity') <= clock_timestamp()
  returning a.claim into claimed;
  return case when claimed is not null then jsonb_build_object('claim', claimed, 'newest', newest.recovery_point,
    'project', coalesce(newest.project, (select h.project from public.backup_history h order by h.started_at desc limit 1)),
    'since', since,
    'targetHours', extract(epoch from target) / 3600)
  end;
end $$;

ALTER FUNCTION lifeboat.claim_overdue(claim_ms integer) OWNER TO postgres;

-- Name: claim_verify_step(uuid, bigint, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  history public.backup_history;
  last lifeboat.verify_steps;
  state lifeboat.verifies;
  taken lifeboat.runs;
begin
  perform from lifeboat.leases where run_id = run and epoch = known_epoch for update;
  if not found then
    return jsonb_build_object('taken', true);
  end if;
  select * into history from public.backup_history where id = run and status = 'running';
  select * into last from lifeboat.verify_steps s where s.run_id = run order by s.step desc limit 1;
  if history.id is null or last.run_id is null then
    return jsonb_build_object('taken', true);
  end if;
  update lifeboat.verifies v
  set attempts = case when v.step = last.step + 1 then v.attempts + 1 else 1 end, step = last.step + 1
  where v.run_id = run
  returning * into state;
  taken := lifeboat.take_over_step(run, lease_ms, state.step, state.attempts);
  return jsonb_build_object('run', to_jsonb(history), 'epoch', taken.epoch::text, 'step', state.step,
    'attempts', state.attempts, 'position', last.position, 'lostSteps', taken.lost_steps);
end $$;

ALTER FUNCTION lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) OWNER TO postgres;

-- Name: close_abandoned_runs(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.close_abandoned_runs() RETURNS SETOF jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  dead record;
begin
  for dead in
    select l.kind, l.run_id, l.heartbeat_at from lifeboat.leases l
    where l.run_id is not null and l.expires_at <= clock_timestamp()
      and not (l.kind = 'media' and lifeboat.media_can_go_on(l.run_id))
      and not (l.kind = 'verify' and lifeboat.verify_can_go_on(l.run_id))
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

ALTER FUNCTION lifeboat.close_abandoned_runs() OWNER TO postgres;

-- Name: close_media_point(text, uuid, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.close_media_point(of_point text, own uuid, answer jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_points p set outcome = answer, closed_at = now(), manifest = null, manifest_carry = null
  where p.recovery_point = of_point and p.finisher = own and p.closed_at is null;
  if not found then
    return false;
  end if;
  delete from lifeboat.media_items i using lifeboat.media_points p
  where p.recovery_point = i.recovery_point and p.recovery_point < of_point and i.upload_id is null
    and (p.closed_at is not null or p.listed_at < now() - interval '7 days');
  return true;
end $$;

ALTER FUNCTION lifeboat.close_media_point(of_point text, own uuid, answer jsonb) OWNER TO postgres;

-- Name: digits(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.digits(value text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
  select case when value ~ '^[0-9]{1,18}$' then value::bigint end
$_$;

ALTER FUNCTION lifeboat.digits(value text) OWNER TO postgres;

-- Name: dismiss_media_worker(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.dismiss_media_worker(worker uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  delete from lifeboat.media_workers w where w.worker = dismiss_media_worker.worker
$$;

ALTER FUNCTION lifeboat.dismiss_media_worker(worker uuid) OWNER TO postgres;

-- Name: due_points(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.due_points() RETURNS TABLE(project text, point text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select o.project, o.point from lifeboat.open_points o where o.can_settle
  union
  select p.project, p.point from lifeboat.recovery_points p cross join lifeboat.settings s
  where p.email_status in ('pending', 'failed') and p.email_attempts < s.email_attempts
    and coalesce(p.email_claimed_until, '-infinity') <= clock_timestamp()
  order by 2, 1
$$;

ALTER FUNCTION lifeboat.due_points() OWNER TO postgres;

-- Name: finish_media_items(text, uuid, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with done as (
    select * from jsonb_to_recordset(finished) as d (position integer, "skipCode" text, "skipReason" text, "s3Key" text,
      "s3ETag" text, "s3VersionId" text, "archiveKey" text, version text, etag text, "sizeBytes" bigint,
      "mimeType" text, md5 text, sha256 text, skew jsonb, warning text)
  ), item as (
    update lifeboat.media_items i set status = case when d."skipCode" is null then 'stored' else 'skipped' end,
      claimed_by = null, claimed_until = null,
      upload_key = case when d."skipCode" is not null then i.upload_key end,
      upload_id = case when d."skipCode" is not null then i.upload_id end, upload_state = null,
      s3_key = d."s3Key", s3_etag = d."s3ETag", s3_version_id = d."s3VersionId", archive_key = d."archiveKey",
      stored_version = d.version, stored_etag = d.etag, stored_bytes = d."sizeBytes", stored_mime_type = d."mimeType",
      md5 = d.md5, sha256 = d.sha256, skew = nullif(d.skew, 'null'), warning = d.warning, skip_code = d."skipCode",
      skip_reason = d."skipReason"
    from done d
    where i.recovery_point = of_point and i.claimed_by = own and i.status = 'claimed' and i.position = d.position
    returning i.*
  ), parts as (
    delete from lifeboat.media_parts p using item i
    where p.recovery_point = i.recovery_point and p.position = i.position
  ), copy as (
    insert into lifeboat.media_objects (bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key,
      s3_etag, s3_version_id, archive_key, md5, sha256)
    select bucket_id, name, stored_version, stored_etag, stored_bytes, stored_mime_type,
      case when skew is null then object_updated_at end, s3_key, s3_etag, s3_version_id, archive_key, md5, sha256
    from item where status = 'stored'
    on conflict (bucket_id, name) do update set version = excluded.version, etag = excluded.etag,
      size_bytes = excluded.size_bytes, mime_type = excluded.mime_type, object_updated_at = excluded.object_updated_at,
      s3_key = excluded.s3_key, s3_etag = excluded.s3_etag, s3_version_id = excluded.s3_version_id,
      archive_key = excluded.archive_key, archived_at = null, md5 = excluded.md5, sha256 = excluded.sha256,
      stored_at = statement_timestamp()
  )
  update lifeboat.media_points p set steps = steps + 1, files_done = files_done + f.files, bytes_done = bytes_done + f.bytes
  from (select count(*) as files, coalesce(sum(stored_bytes), 0) as bytes from item) f
  where p.recovery_point = of_point
  returning jsonb_build_object('filesDone', p.files_done, 'filesTotal', p.files_total, 'bytesDone', p.bytes_done,
    'bytesTotal', p.bytes_total)
$$;

ALTER FUNCTION lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) OWNER TO postgres;

-- Name: follow_settings(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.follow_settings() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform lifeboat.schedule();
  return null;
end $$;

ALTER FUNCTION lifeboat.follow_settings() OWNER TO postgres;

-- Name: forget_copies(text[], text[]); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.forget_copies(keys text[], etags text[]) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  delete from lifeboat.media_objects o using unnest(keys, etags) as d (key, etag)
  where o.s3_key = d.key and o.s3_etag = d.etag
$$;

ALTER FUNCTION lifeboat.forget_copies(keys text[], etags text[]) OWNER TO postgres;

-- Name: forget_media_manifest(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.forget_media_manifest(of_point text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_points set manifest = null, manifest_carry = null where recovery_point = of_point
$$;

ALTER FUNCTION lifeboat.forget_media_manifest(of_point text) OWNER TO postgres;

-- Name: forget_media_upload(text, integer, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.forget_media_upload(of_point text, at_position integer, upload text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  delete from lifeboat.media_parts p using lifeboat.media_items i
  where i.recovery_point = of_point and i.position = at_position and i.upload_id = upload
    and p.recovery_point = i.recovery_point and p.position = i.position;
  update lifeboat.media_items set upload_key = null, upload_id = null, upload_state = null
  where recovery_point = of_point and position = at_position and upload_id = upload
$$;

ALTER FUNCTION lifeboat.forget_media_upload(of_point text, at_position integer, upload text) OWNER TO postgres;

-- Name: forget_unlisted_copies(timestamp with time zone); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.forget_unlisted_copies(listed_from timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  forgotten bigint;
begin
  delete from lifeboat.media_objects o
  where o.stored_at < listed_from and not exists (select from pg_temp.lifeboat_listed l
    where l.s3_key = o.s3_key and l.s3_etag = o.s3_etag and l.size_bytes = o.size_bytes);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

ALTER FUNCTION lifeboat.forget_unlisted_copies(listed_from timestamp with time zone) OWNER TO postgres;

-- Name: forget_upload(uuid, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.forget_upload(run uuid, upload text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.runs set upload_key = null, upload_id = null where run_id = run and upload_id = upload
$$;

ALTER FUNCTION lifeboat.forget_upload(run uuid, upload text) OWNER TO postgres;

-- Name: give_back_dump_step(uuid, bigint, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  update lifeboat.dumps d set given_back = true
  where d.run_id = run and d.attempts < most and exists (
    select from lifeboat.live_dump_holders h where h.run_id = run and h.step < d.step
  ) and not exists (select from lifeboat.runs r where r.run_id = run and r.cancel_requested_at is not null);
  return found;
end $$;

ALTER FUNCTION lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer) OWNER TO postgres;

-- Name: give_up_emails(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.give_up_emails() RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.give_up_emails() OWNER TO postgres;

-- Name: hire_media_workers(uuid, bigint, uuid, boolean, integer, bigint); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) RETURNS SETOF uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  held_point text;
  most integer;
  at_work integer;
  waiting numeric;
begin
  select h.recovery_point into held_point
  from lifeboat.leases l join public.backup_history h on h.id = l.run_id
  where l.kind = 'media' and l.run_id = run and l.epoch = run_epoch for update of l;
  if held_point is null then
    return;
  end if;
  delete from lifeboat.media_workers w
  where w.run_id = run and (w.seen_at < clock_timestamp() - interval '1 minute' or (leaves and w.worker = own));
  select s.media_workers into most from lifeboat.settings s;
  select count(*) into at_work from lifeboat.media_workers w where w.run_id = run;
  select count(*)::numeric / unit_files + coalesce(sum(q.size_bytes), 0) / unit_bytes into waiting from (
    select i.size_bytes from lifeboat.media_items i
    where i.recovery_point = held_point and i.status = 'pending' limit most * unit_files
  ) q;
  return query
    insert into lifeboat.media_workers (worker, run_id)
    select gen_random_uuid(), run
    from generate_series(1, greatest(
      least(most - at_work, ceil(waiting)::integer),
      case when at_work = 0 and leaves then 1 else 0 end))
    returning media_workers.worker;
end $$;

ALTER FUNCTION lifeboat.hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) OWNER TO postgres;

-- Name: hold_media_item(text, uuid, integer, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  return found;
end $$;

ALTER FUNCTION lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer) OWNER TO postgres;

-- Name: join_media(uuid, uuid, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.join_media(run uuid, worker uuid, lease_ms integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  held lifeboat.leases;
begin
  select * into held from lifeboat.leases where kind = 'media' and run_id = join_media.run for update;
  if held.run_id is null then
    return null;
  end if;
  update lifeboat.media_workers w set joined_at = clock_timestamp(), seen_at = clock_timestamp()
  where w.worker = join_media.worker and w.run_id = join_media.run and w.joined_at is null;
  if not found then
    return null;
  end if;
  update lifeboat.leases set heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where kind = 'media';
  return (
    select jsonb_build_object('run', to_jsonb(h), 'epoch', held.epoch::text, 'lostSteps', r.lost_steps)
    from public.backup_history h join lifeboat.runs r on r.run_id = h.id where h.id = join_media.run
  );
end $$;

ALTER FUNCTION lifeboat.join_media(run uuid, worker uuid, lease_ms integer) OWNER TO postgres;

-- Name: json_object(jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat."json_object"(value jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
  if jsonb_typeof(value) = 'object' then
    return value;
  elsif jsonb_typeof(value) = 'string' then
    return lifeboat.json_object((value #>> '{}')::jsonb);
  end if;
  return null;
exception when invalid_text_representation then
  return null;
end;
$$;

ALTER FUNCTION lifeboat."json_object"(value jsonb) OWNER TO postgres;

-- Name: lease_run(jsonb, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.lease_run(request jsonb, lease_ms integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.lease_run(request jsonb, lease_ms integer) OWNER TO postgres;

-- Name: link_media_items(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.link_media_items(of_point text) RETURNS bigint
    LANGUAGE sql
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
  with linked as (
    update lifeboat.media_items i set status = 'linked', s3_key = o.s3_key, s3_etag = o.s3_etag,
      s3_version_id = o.s3_version_id, archive_key = o.archive_key, stored_version = o.version, stored_etag = o.etag,
      stored_bytes = o.size_bytes, stored_mime_type = o.mime_type, md5 = o.md5, sha256 = o.sha256
    from lifeboat.media_objects o
    where i.recovery_point = of_point and i.status = 'pending' and o.archived_at is null
      and o.bucket_id = i.bucket_id and o.name = i.name
      and o.etag is not distinct from i.etag
      and (o.version = i.version
        or (o.version is null and i.version is null and i.etag is not null and o.size_bytes = i.size_bytes
          and o.object_updated_at = i.object_updated_at))
    returning i.stored_bytes
  ), figures as (
    select count(*) as files, coalesce(sum(stored_bytes), 0) as bytes from linked
  ), point as (
    update lifeboat.media_points p set linked_at = clock_timestamp(), files_done = files_done + f.files,
      bytes_done = bytes_done + f.bytes, steps = steps + 1
    from figures f where p.recovery_point = of_point
  )
  select files from figures
$$;

ALTER FUNCTION lifeboat.link_media_items(of_point text) OWNER TO postgres;

-- Name: list_media_objects(text, text[]); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.list_media_objects(of_point text, bucket_ids text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  present constant text[] := array(
    select a.attname::text from pg_catalog.pg_attribute a
    where a.attrelid = 'storage.objects'::regclass and a.attnum > 0 and not a.attisdropped
  );
  user_metadata constant text := case when 'user_metadata' = any (present) then 'o.user_metadata' else 'null::jsonb' end;
begin
  execute format($list$
    insert into lifeboat.media_items (recovery_point, position, bucket_id, name, version, etag, size_bytes, mime_type,
      cache_control, user_metadata, object_created_at, object_updated_at)
    select $1, row_number() over (order by o.bucket_id collate "C", o.name collate "C"), o.bucket_id, o.name,
      %1$s,
      lifeboat.bare_etag(m.metadata ->> 'eTag'),
      coalesce(lifeboat.digits(m.metadata ->> 'size'), lifeboat.digits(m.metadata ->> 'contentLength')),
      m.metadata ->> 'mimetype', m.metadata ->> 'cacheControl',
      nullif(coalesce(lifeboat.json_object(%2$s), %2$s), 'null'),
      o.created_at, o.updated_at
    from storage.objects o
    cross join lateral (select case when jsonb_typeof(o.metadata) = 'object' then o.metadata
                                    else lifeboat.json_object(o.metadata) end as metadata) m
    where o.bucket_id = any ($2) %3$s %4$s$list$,
    case when 'version' = any (present) then 'o.version' else 'null::text' end,
    user_metadata,
    case when 'archived_at' = any (present) then 'and o.archived_at is null' end,
    case when 'is_delete_marker' = any (present) then 'and o.is_delete_marker is not true' end)
  using of_point, bucket_ids;
end $_$;

ALTER FUNCTION lifeboat.list_media_objects(of_point text, bucket_ids text[]) OWNER TO postgres;

-- Name: log_run(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.log_run() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.backup_audit_log (actor, action, target, details)
  values (new.triggered_by, 'run.start', new.id::text, jsonb_strip_nulls(jsonb_build_object(
    'kind', new.kind, 'trigger', new.trigger, 'recoveryPoint', new.recovery_point, 'label', new.label)));
  return null;
end $$;

ALTER FUNCTION lifeboat.log_run() OWNER TO postgres;

-- Name: media_can_go_on(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.media_can_go_on(run uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select exists (
    select from public.backup_history h
    join lifeboat.recovery_points p on p.project = h.project and p.point = h.recovery_point
    join lifeboat.media_points m on m.recovery_point = h.recovery_point
    cross join lifeboat.settings s
    where h.id = run and h.status = 'running' and (m.steps > p.media_steps or p.media_revivals < s.media_attempts)
      and not exists (select from lifeboat.runs r where r.run_id = h.id and r.cancel_requested_at is not null)
  )
$$;

ALTER FUNCTION lifeboat.media_can_go_on(run uuid) OWNER TO postgres;

-- Name: next_media_point(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.next_media_point(of_project text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select p.point from lifeboat.recovery_points p
  where p.project = of_project and p.media_queued_at is not null and p.media_run is null
  order by p.point limit 1
$$;

ALTER FUNCTION lifeboat.next_media_point(of_project text) OWNER TO postgres;

-- Name: note_archived_copy(text, uuid, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_objects o set archived_at = now() from lifeboat.media_items i
  where i.recovery_point = of_point and i.claimed_by = own and i.status = 'claimed' and i.position = at_position
    and o.bucket_id = i.bucket_id and o.name = i.name;
  return found;
end $$;

ALTER FUNCTION lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) OWNER TO postgres;

-- Name: note_lost_step(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_lost_step(run uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.runs r set lost_steps = r.lost_steps + 1 where r.run_id = run
$$;

ALTER FUNCTION lifeboat.note_lost_step(run uuid) OWNER TO postgres;

-- Name: note_media_part(text, uuid, integer, integer, text, bigint, text, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer, part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_items set upload_state = upload_state || jsonb_build_object('sha256State', checksum_state),
    attempts = 0, claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position
    and upload_state is not null;
  if not found then
    return false;
  end if;
  insert into lifeboat.media_parts (recovery_point, position, number, etag, size_bytes)
  values (of_point, at_position, part, part_etag, part_bytes)
  on conflict (recovery_point, position, number) do update set etag = excluded.etag, size_bytes = excluded.size_bytes;
  update lifeboat.media_points set steps = steps + 1 where recovery_point = of_point;
  return true;
end $$;

ALTER FUNCTION lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer, part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) OWNER TO postgres;

-- Name: note_media_r2(text, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_media_r2(of_point text, inventory jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_points set r2 = inventory where recovery_point = of_point
$$;

ALTER FUNCTION lifeboat.note_media_r2(of_point text, inventory jsonb) OWNER TO postgres;

-- Name: note_media_upload(text, uuid, integer, text, text, jsonb, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text, at_key text, state jsonb, hold_ms integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.media_items set upload_key = at_key, upload_id = upload, upload_state = state,
    claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  if not found then
    return false;
  end if;
  delete from lifeboat.media_parts where recovery_point = of_point and position = at_position;
  return true;
end $$;

ALTER FUNCTION lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text, at_key text, state jsonb, hold_ms integer) OWNER TO postgres;

-- Name: note_media_warnings(text, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_media_warnings(of_point text, sentences jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_points set warnings = sentences where recovery_point = of_point
$$;

ALTER FUNCTION lifeboat.note_media_warnings(of_point text, sentences jsonb) OWNER TO postgres;

-- Name: note_warning(uuid, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.note_warning(run uuid, sentence text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.backup_history h
  set details = jsonb_set(coalesce(h.details, '{}'), '{warnings}',
    coalesce(h.details -> 'warnings', '[]') || to_jsonb(sentence))
  where h.id = run and not coalesce(h.details -> 'warnings', '[]') ? sentence
$$;

ALTER FUNCTION lifeboat.note_warning(run uuid, sentence text) OWNER TO postgres;

-- Name: open_point(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.open_point(for_project text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.open_point(for_project text) OWNER TO postgres;

-- Name: overview(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.overview(of_project text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  scheduled text;
begin
  if to_regclass('cron.job') is not null then
    execute $query$ select j.schedule from cron.job j where j.jobname = 'lifeboat-database-backup' and j.active $query$
      into scheduled;
  end if;
  return (
    with stored as (
      select * from public.backup_history
      where project = of_project and kind in ('database', 'media') and status in ('success', 'partial', 'damaged')
    )
    select jsonb_build_object(
      'totalBackups', (select count(*) from stored where kind = 'database'),
      'successRate30Days', (select avg((h.status = 'success')::integer) from public.backup_history h
        where h.project = of_project and h.kind in ('database', 'media') and h.status <> 'running'
          and h.started_at > clock_timestamp() - interval '30 days'),
      'storedBytes', (select coalesce(sum(bytes), 0) from stored),
      'newestPoint', (select jsonb_build_object('recoveryPoint', n.recovery_point, 'startedAt', n.started_at,
          'status', n.status)
        from stored n where n.kind = 'database' order by n.started_at desc limit 1),
      'newestVerifiedPoint', (select jsonb_build_object('recoveryPoint', c.point, 'verifiedAt', c.verified_at)
        from lifeboat.point_checks c where c.project = of_project and c.verified_at is not null
        order by c.point desc limit 1),
      'targetHours', (select extract(epoch from s.overdue_after) / 3600 from lifeboat.settings s),
      'schedule', scheduled,
      'lastDrill', (select jsonb_build_object('finishedAt', d.finished_at, 'durationMs',
          coalesce((d.details ->> 'restoreMs')::numeric, d.duration_ms), 'status', d.status)
        from public.backup_history d
        where d.kind = 'drill' and d.status <> 'running' and d.project = of_project
        order by d.started_at desc limit 1))
  );
end $_$;

ALTER FUNCTION lifeboat.overview(of_project text) OWNER TO postgres;

-- Name: point_record(text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.point_record(of_project text, of_point text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'database', (select to_jsonb(h) from public.backup_history h
      where h.project = of_project and h.recovery_point = of_point and h.kind = 'database'
      order by h.started_at desc limit 1),
    'media', (select to_jsonb(h) from public.backup_history h
      where h.project = of_project and h.recovery_point = of_point and h.kind = 'media'
      order by h.started_at desc limit 1),
    'damage', coalesce((select c.damage from lifeboat.point_checks c
      where c.project = of_project and c.point = of_point), '[]'))
$$;

ALTER FUNCTION lifeboat.point_record(of_project text, of_point text) OWNER TO postgres;

-- Name: point_summary(text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.point_summary(of_project text, of_point text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object('project', p.project, 'recoveryPoint', p.point, 'unsettled', p.unsettled,
    'database', (select to_jsonb(h) from public.backup_history h where h.id = p.database_run),
    'media', (select to_jsonb(h) from public.backup_history h where h.id = p.media_run))
  from lifeboat.recovery_points p
  where p.project = of_project and p.point = of_point
$$;

ALTER FUNCTION lifeboat.point_summary(of_project text, of_point text) OWNER TO postgres;

-- Name: rebuild_copies(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.rebuild_copies(present_marker text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  rebuilt bigint;
begin
  insert into lifeboat.media_destination (marker) values (present_marker) on conflict do nothing;
  insert into lifeboat.media_objects
  select n.* from pg_temp.lifeboat_named n
  where exists (select from pg_temp.lifeboat_listed l
    where l.s3_key = n.s3_key and l.s3_etag = n.s3_etag and l.size_bytes = n.size_bytes)
  on conflict do nothing;
  get diagnostics rebuilt = row_count;
  return rebuilt;
end $$;

ALTER FUNCTION lifeboat.rebuild_copies(present_marker text) OWNER TO postgres;

-- Name: record_check(uuid, text, text, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  known lifeboat.point_checks;
  run_row record;
  is_whole constant boolean := result -> 'damage' = '[]';
begin
  insert into lifeboat.point_checks as c (project, point, checked_at, check_run, deep, coverage)
  values (of_project, of_point, clock_timestamp(), run, (result ->> 'deep')::boolean, result -> 'coverage')
  on conflict (project, point) do update set checked_at = excluded.checked_at, check_run = excluded.check_run,
    deep = excluded.deep, coverage = excluded.coverage
  returning * into known;

  for run_row in
    select h.id, h.status, h.error_code, h.error_message, h.error_hint, result -> 'halves' -> h.kind as problem,
      known.former -> h.id::text as former
    from public.backup_history h
    where h.project = of_project and h.recovery_point = of_point and h.kind in ('database', 'media')
      and h.status in ('success', 'partial', 'damaged')
    for update
  loop
    if run_row.problem is not null then
      if run_row.status <> 'damaged' then
        known.former := known.former || jsonb_build_object(run_row.id, jsonb_build_object('status', run_row.status,
          'code', run_row.error_code, 'message', run_row.error_message, 'hint', run_row.error_hint));
      end if;
      update public.backup_history set status = 'damaged', error_code = run_row.problem ->> 'code',
        error_message = run_row.problem ->> 'message', error_hint = run_row.problem ->> 'hint'
      where id = run_row.id;
    elsif run_row.former is not null then
      known.former := known.former - run_row.id::text;
      update public.backup_history set status = run_row.former ->> 'status', error_code = run_row.former ->> 'code',
        error_message = run_row.former ->> 'message', error_hint = run_row.former ->> 'hint'
      where id = run_row.id;
    end if;
  end loop;

  update lifeboat.point_checks c
  set damage = result -> 'damage', former = known.former,
    verified_at = case when not is_whole then null when (result ->> 'looked')::boolean then c.checked_at else c.verified_at end,
    email_status = case when is_whole then null when known.damage = '[]' then 'pending' else c.email_status end,
    email_attempts = case when known.damage = '[]' then 0 else c.email_attempts end,
    email_claimed_until = case when known.damage = '[]' then null else c.email_claimed_until end
  where c.project = of_project and c.point = of_point;
end $$;

ALTER FUNCTION lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) OWNER TO postgres;

-- Name: record_damage_email(uuid, text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.point_checks c
  set email_status = sent_status, email_error = why, email_claim = null,
    email_claimed_until = case
      when sent_status = 'failed' then clock_timestamp() + c.email_attempts * interval '5 minutes'
    end
  where c.email_claim = of_claim;
  return found;
end $$;

ALTER FUNCTION lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) OWNER TO postgres;

-- Name: record_email(text, text, uuid, text, text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_email(of_project text, of_point text, claim uuid, sent_status text, why text, email text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.record_email(of_project text, of_point text, claim uuid, sent_status text, why text, email text) OWNER TO postgres;

-- Name: record_media_list(text, jsonb, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into lifeboat.media_points (recovery_point, buckets, ledger, files_total, bytes_total)
  select of_point, definitions, left_out, count(*), coalesce(sum(size_bytes), 0)
  from lifeboat.media_items where recovery_point = of_point
$$;

ALTER FUNCTION lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) OWNER TO postgres;

-- Name: record_media_start(text, text, text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.recovery_points p
  set media_error = why,
    media_attempts = p.media_attempts - case when failed_code = 'already_running' then 1 else 0 end
  where p.project = of_project and p.point = of_point
$$;

ALTER FUNCTION lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text) OWNER TO postgres;

-- Name: record_overdue(uuid, boolean, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.record_overdue(of_claim uuid, sent boolean, why text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.alerts
  set error = why, claim = null,
    sent_at = case when sent then clock_timestamp() else sent_at end,
    claimed_until = case when sent then null else clock_timestamp() + interval '1 hour' end
  where name = 'overdue' and claim = of_claim
$$;

ALTER FUNCTION lifeboat.record_overdue(of_claim uuid, sent boolean, why text) OWNER TO postgres;

-- Name: refuse_change(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception 'Entries of % are never changed or deleted.', tg_relid::regclass using errcode = 'insufficient_privilege';
end $$;

ALTER FUNCTION lifeboat.refuse_change() OWNER TO postgres;

-- Name: release_media_closing(text, uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.release_media_closing(of_point text, own uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_points set finisher = null where recovery_point = of_point and finisher = own
$$;

ALTER FUNCTION lifeboat.release_media_closing(of_point text, own uuid) OWNER TO postgres;

-- Name: release_media_items(text, uuid, integer[]); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.release_media_items(of_point text, own uuid, positions integer[]) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = any (positions)
$$;

ALTER FUNCTION lifeboat.release_media_items(of_point text, own uuid, positions integer[]) OWNER TO postgres;

-- Name: remember_media_destination(text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.remember_media_destination(present_marker text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with moved as (
    insert into lifeboat.media_destination as known (marker) values (present_marker)
    on conflict (singleton) do update set marker = excluded.marker where known.marker <> excluded.marker
    returning 1
  ), forgotten as (
    delete from lifeboat.media_objects where exists (select from moved) returning 1
  ), uncounted as (
    update lifeboat.media_points p set bytes_done = 0, manifest = null, manifest_carry = null, finisher = null,
      files_done = (
        select count(*) from lifeboat.media_items i where i.recovery_point = p.recovery_point and i.status = 'skipped')
    where exists (select from moved) and p.closed_at is null
  )
  update lifeboat.media_items i
  set status = 'pending', claimed_by = null, claimed_until = null, upload_key = null,
    upload_id = null, upload_state = null, skew = null, warning = null
  from lifeboat.media_points p
  where exists (select from moved) and p.recovery_point = i.recovery_point and p.closed_at is null
    and i.status in ('stored', 'linked', 'claimed')
$$;

ALTER FUNCTION lifeboat.remember_media_destination(present_marker text) OWNER TO postgres;

-- Name: remember_upload(uuid, bigint, text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.runs set upload_key = key, upload_id = upload where run_id = run and epoch = run_epoch;
  return found;
end $$;

ALTER FUNCTION lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) OWNER TO postgres;

-- Name: renew_media_claims(text, uuid, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed';
  update lifeboat.media_points set finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

ALTER FUNCTION lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) OWNER TO postgres;

-- Name: request_cancel(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.request_cancel(run uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update lifeboat.runs r set cancel_requested_at = coalesce(r.cancel_requested_at, clock_timestamp())
  from public.backup_history h
  where r.run_id = run and h.id = run and h.status = 'running';
  return found;
end $$;

ALTER FUNCTION lifeboat.request_cancel(run uuid) OWNER TO postgres;

-- Name: require_schema_version(integer, boolean); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.require_schema_version(expected integer, or_newer boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  present constant integer := lifeboat.schema_version();
begin
  if present < expected then
    raise exception 'Lifeboat''s schema is version %, and % is needed', present, expected using errcode = 'LB001';
  elsif present > expected and not or_newer then
    raise exception 'Lifeboat''s schema is version %, and the caller knows %', present, expected using errcode = 'LB002';
  end if;
end $$;

ALTER FUNCTION lifeboat.require_schema_version(expected integer, or_newer boolean) OWNER TO postgres;

-- Name: schedule(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.schedule() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  job record;
begin
  if to_regclass('cron.job') is null then
    raise notice 'Lifeboat: pg_cron is not enabled, so nothing is scheduled.'
      using hint = 'Enable pg_cron, then run: select lifeboat.schedule();';
    return false;
  end if;
  for job in
    select v.* from lifeboat.settings s, lateral (values
      ('lifeboat-database-backup', s.database_schedule, $c$select lifeboat.call_function('database-backup')$c$),
      ('lifeboat-backup-maintenance', s.maintenance_schedule, $c$select lifeboat.call_function('backup-maintenance')$c$),
      ('lifeboat-verify', s.verify_schedule, 'select lifeboat.verify_newest()')
    ) as v (name, at, command)
  loop
    if job.at is not null then
      perform cron.schedule(job.name, job.at, job.command);
    else
      perform cron.unschedule(c.jobid) from cron.job c where c.jobname = job.name;
    end if;
  end loop;
  return true;
end $_$;

ALTER FUNCTION lifeboat.schedule() OWNER TO postgres;

-- Name: schedule_problem(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.schedule_problem() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  absent text[] := '{}';
  secret_name text;
begin
  if not exists (select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'net' and p.proname = 'http_post')
  then
    absent := absent || 'extension pg_net'::text;
  end if;
  if to_regclass('vault.decrypted_secrets') is null then
    absent := absent || 'extension supabase_vault'::text;
  else
    foreach secret_name in array array['project_url', 'backup_secret_key'] loop
      if coalesce((select s.decrypted_secret from vault.decrypted_secrets s where s.name = secret_name), '') = '' then
        absent := absent || format('Vault secret %s', secret_name);
      end if;
    end loop;
  end if;
  return case when absent <> '{}' then 'Missing: ' || array_to_string(absent, ', ') || '.' end;
end $$;

ALTER FUNCTION lifeboat.schedule_problem() OWNER TO postgres;

-- Name: schema_version(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.schema_version() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 2 $$;

ALTER FUNCTION lifeboat.schema_version() OWNER TO postgres;

-- Name: see_media_worker(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.see_media_worker(worker uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_workers w set seen_at = clock_timestamp() where w.worker = see_media_worker.worker
$$;

ALTER FUNCTION lifeboat.see_media_worker(worker uuid) OWNER TO postgres;

-- Name: settle_point(text, text); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.settle_point(of_project text, of_point text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  owner_run uuid;
begin
  update lifeboat.recovery_points p
  set settled_at = clock_timestamp(),
    email_status = 'pending',
    unsettled = case
      when o.dump_ended_at is not null and o.media_status = 'running' then jsonb_build_array(jsonb_build_object(
        'half', 'media',
        'reason', format('The media run is still at work %s after the dump ended.', o.settle_after)))
      when d.status in ('success', 'partial') and o.media_status is null then jsonb_build_array(jsonb_build_object(
        'half', 'media',
        'reason', 'No media run could be started for this dump.' || coalesce(' ' || o.media_error, '')))
      else '[]'
    end
  from lifeboat.open_points o
  join lifeboat.recovery_points q using (project, point)
  left join public.backup_history d on d.id = q.database_run
  where o.project = of_project and o.point = of_point and o.can_settle
    and p.project = o.project and p.point = o.point and p.settled_at is null
  returning coalesce(p.database_run, p.media_run) into owner_run;
  if found then
    update public.backup_history set email_status = 'pending' where id = owner_run;
    return true;
  end if;
  return exists (
    select from lifeboat.recovery_points p
    where p.project = of_project and p.point = of_point and p.settled_at is not null
  );
end $$;

ALTER FUNCTION lifeboat.settle_point(of_project text, of_point text) OWNER TO postgres;

-- Name: settle_run(uuid, bigint, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.settle_run(run uuid, run_epoch bigint, outcome jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.settle_run(run uuid, run_epoch bigint, outcome jsonb) OWNER TO postgres;

-- Name: start_media_workers(uuid, bigint, uuid, boolean, integer, bigint); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) RETURNS SETOF uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  held_point text;
  most integer;
  at_work integer;
  waiting numeric;
begin
  select h.recovery_point into held_point
  from lifeboat.leases l join public.backup_history h on h.id = l.run_id
  where l.kind = 'media' and l.run_id = run and l.epoch = run_epoch for update of l;
  if held_point is null then
    return;
  end if;
  -- A worker that was not seen for a minute is dead. The run remembers it: the workers that come take on half as much.
  delete from lifeboat.media_workers w
  where w.run_id = run and w.seen_at < clock_timestamp() - interval '1 minute' and w.worker <> own
    and w.joined_at is not null;
  if found then
    perform lifeboat.note_lost_step(run);
  end if;
  delete from lifeboat.media_workers w
  where w.run_id = run and (w.seen_at < clock_timestamp() - interval '1 minute' or (leaves and w.worker = own));
  select s.media_workers into most from lifeboat.settings s;
  select count(*) into at_work from lifeboat.media_workers w where w.run_id = run;
  select count(*)::numeric / unit_files + coalesce(sum(q.size_bytes), 0) / unit_bytes into waiting from (
    select i.size_bytes from lifeboat.media_items i
    where i.recovery_point = held_point and i.status = 'pending' limit most * unit_files
  ) q;
  return query
    insert into lifeboat.media_workers (worker, run_id)
    select gen_random_uuid(), run
    from generate_series(1, greatest(
      least(most - at_work, ceil(waiting)::integer),
      case when at_work = 0 and leaves then 1 else 0 end))
    returning media_workers.worker;
end $$;

ALTER FUNCTION lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) OWNER TO postgres;

-- Name: start_run(jsonb, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.start_run(request jsonb, lease_ms integer) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select case request ->> 'kind'
    when 'media' then lifeboat.begin_media(request, lease_ms, gen_random_uuid())
    else lifeboat.lease_run(request, lease_ms)
  end
$$;

ALTER FUNCTION lifeboat.start_run(request jsonb, lease_ms integer) OWNER TO postgres;

-- Name: take_over_media_items(text, uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.take_over_media_items(of_point text, own uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null,
    attempts = greatest(attempts, least(attempts + 1, 2))
  where recovery_point = of_point and status = 'claimed' and claimed_by is distinct from own;
  update lifeboat.media_points set finisher = null where recovery_point = of_point and closed_at is null
$$;

ALTER FUNCTION lifeboat.take_over_media_items(of_point text, own uuid) OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

-- Name: runs; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.runs (
    run_id uuid NOT NULL,
    epoch bigint NOT NULL,
    cancel_requested_at timestamp with time zone,
    upload_key text,
    upload_id text,
    lost_steps integer DEFAULT 0 NOT NULL,
    CONSTRAINT runs_check CHECK (((upload_key IS NULL) = (upload_id IS NULL)))
);

ALTER TABLE lifeboat.runs OWNER TO postgres;

-- Name: take_over_step(uuid, integer, integer, integer); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer) RETURNS lifeboat.runs
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  raised bigint;
  taken lifeboat.runs;
begin
  update lifeboat.leases l
  set epoch = l.epoch + 1, heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where l.run_id = run
  returning l.epoch into raised;
  update lifeboat.runs r
  set epoch = raised, lost_steps = greatest(0, r.lost_steps + case when attempts > 1 then 1
    when at_step % 8 = 0 then -1 else 0 end)
  where r.run_id = run
  returning r.* into taken;
  return taken;
end $$;

ALTER FUNCTION lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer) OWNER TO postgres;

-- Name: unschedule(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.unschedule() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update lifeboat.settings set database_schedule = null, maintenance_schedule = null, verify_schedule = null
$$;

ALTER FUNCTION lifeboat.unschedule() OWNER TO postgres;

-- Name: update_run(uuid, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.update_run(run uuid, changes jsonb) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with meant as (
    select h.id from public.backup_history h join public.backup_history t on t.id = run
    where h.id = run or (t.kind in ('database', 'media') and h.kind in ('database', 'media')
      and h.project = t.project and h.recovery_point = t.recovery_point)
  ), changed as (
    update public.backup_history h
    set label = case when changes ? 'label' then nullif(changes ->> 'label', '') else h.label end,
      pinned = coalesce((changes ->> 'pinned')::boolean, h.pinned)
    from meant where h.id = meant.id
    returning h.id, h.label, h.pinned
  )
  select jsonb_build_object('runId', c.id, 'label', c.label, 'pinned', c.pinned) from changed c where c.id = run
$$;

ALTER FUNCTION lifeboat.update_run(run uuid, changes jsonb) OWNER TO postgres;

-- Name: verify_can_go_on(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.verify_can_go_on(run uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION lifeboat.verify_can_go_on(run uuid) OWNER TO postgres;

-- Name: verify_found(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.verify_found(run uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_agg(s.found order by s.step), '[]') from lifeboat.verify_steps s where s.run_id = run and s.step > 0
$$;

ALTER FUNCTION lifeboat.verify_found(run uuid) OWNER TO postgres;

-- Name: verify_newest(); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.verify_newest() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select lifeboat.call_function('backup-admin',
    jsonb_build_object('action', 'verify', 'runId', newest.id, 'trigger', 'cron'))
  from (
    select h.id from public.backup_history h
    where h.kind = 'database' and h.status in ('success', 'partial') order by h.started_at desc limit 1
  ) as newest
$$;

ALTER FUNCTION lifeboat.verify_newest() OWNER TO postgres;

-- Name: watch_dump(uuid, integer, uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'running', h.status = 'running' and l.run_id is not null,
    'epoch', l.epoch::text,
    'attempts', d.attempts,
    'givenBack', d.given_back,
    'silentMs', extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000,
    'writerHolds', exists (select from lifeboat.live_dump_holders w where w.run_id = run and w.step = d.step),
    -- A holder that is there for two later workers, or for one in the same process, is needed no more.
    'relieved', exists (
        select from lifeboat.live_dump_holders w where w.run_id = run and w.step > own_step and w.worker = own_worker
      ) or (
        select count(distinct w.worker) >= 2 from lifeboat.live_dump_holders w
        where w.run_id = run and w.step > own_step and w.worker <> own_worker
      ),
    'snapshot', (
      select w.snapshot from lifeboat.live_dump_holders w where w.run_id = run and w.step < d.step
      order by w.step desc limit 1
    ))
  from public.backup_history h
  join lifeboat.dumps d on d.run_id = h.id
  left join lifeboat.leases l on l.run_id = h.id
  where h.id = run
$$;

ALTER FUNCTION lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) OWNER TO postgres;

-- Name: watch_verify(uuid); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.watch_verify(run uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object('running', h.status = 'running' and l.run_id is not null, 'epoch', l.epoch::text,
    'silentMs', extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000)
  from public.backup_history h
  left join lifeboat.leases l on l.run_id = h.id
  where h.id = run
$$;

ALTER FUNCTION lifeboat.watch_verify(run uuid) OWNER TO postgres;

-- Name: write_audit(uuid, text, text, jsonb); Type: FUNCTION; Schema: lifeboat; Owner: postgres

CREATE FUNCTION lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into public.backup_audit_log (actor, action, target, details) values (by_user, what, done_to, told)
$$;

ALTER FUNCTION lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) OWNER TO postgres;

-- Name: has_role(uuid, public.app_role); Type: FUNCTION; Schema: public; Owner: postgres

CREATE FUNCTION public.has_role(_user_id uuid, _role public.app_role) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    select exists (
      select from public.user_roles where user_id = _user_id and role::text = _role::text
    )
  $$;

ALTER FUNCTION public.has_role(_user_id uuid, _role public.app_role) OWNER TO postgres;

-- Name: alerts; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.alerts (
    name text NOT NULL,
    claim uuid,
    claimed_until timestamp with time zone,
    sent_at timestamp with time zone,
    error text
);

ALTER TABLE lifeboat.alerts OWNER TO postgres;

-- Name: dump_holders; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.dump_holders (
    run_id uuid NOT NULL,
    step integer NOT NULL,
    worker uuid NOT NULL,
    snapshot text NOT NULL,
    pid integer NOT NULL,
    backend_start timestamp with time zone NOT NULL,
    taken_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE lifeboat.dump_holders OWNER TO postgres;

-- Name: dump_steps; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.dump_steps (
    run_id uuid NOT NULL,
    step integer NOT NULL,
    "position" json NOT NULL,
    done json NOT NULL,
    rest bytea
);
ALTER TABLE ONLY lifeboat.dump_steps ALTER COLUMN rest SET STORAGE EXTERNAL;

ALTER TABLE lifeboat.dump_steps OWNER TO postgres;

-- Name: dumps; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.dumps (
    run_id uuid NOT NULL,
    step integer DEFAULT 1 NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    given_back boolean DEFAULT false NOT NULL,
    frame json,
    restarted_at timestamp with time zone
);

ALTER TABLE lifeboat.dumps OWNER TO postgres;

-- Name: leases; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.leases (
    kind text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    run_id uuid,
    heartbeat_at timestamp with time zone,
    expires_at timestamp with time zone
);

ALTER TABLE lifeboat.leases OWNER TO postgres;

-- Name: live_dump_holders; Type: VIEW; Schema: lifeboat; Owner: postgres

CREATE VIEW lifeboat.live_dump_holders WITH (security_invoker='true') AS
 SELECT h.run_id,
    h.step,
    h.worker,
    h.snapshot,
    h.pid,
    h.backend_start,
    h.taken_at
   FROM (lifeboat.dump_holders h
     JOIN pg_stat_activity a ON (((a.pid = h.pid) AND (a.backend_start = h.backend_start))))
  WHERE (COALESCE(a.state, ''::text) <> ALL (ARRAY['idle'::text, 'idle in transaction (aborted)'::text]));

ALTER VIEW lifeboat.live_dump_holders OWNER TO postgres;

-- Name: media_destination; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_destination (
    singleton boolean DEFAULT true NOT NULL,
    marker text NOT NULL,
    CONSTRAINT media_destination_singleton_check CHECK (singleton)
);

ALTER TABLE lifeboat.media_destination OWNER TO postgres;

-- Name: media_items; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_items (
    recovery_point text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    bucket_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version text,
    etag text,
    size_bytes bigint,
    mime_type text,
    cache_control text,
    user_metadata jsonb,
    object_created_at timestamp with time zone,
    object_updated_at timestamp with time zone,
    status text DEFAULT 'pending'::text NOT NULL,
    claimed_by uuid,
    claimed_until timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    upload_key text,
    upload_id text,
    upload_state jsonb,
    s3_key text,
    s3_etag text,
    s3_version_id text,
    archive_key text,
    stored_version text,
    stored_etag text,
    stored_bytes bigint,
    stored_mime_type text,
    md5 text,
    sha256 text,
    skew jsonb,
    warning text,
    skip_code text,
    skip_reason text,
    CONSTRAINT media_items_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'claimed'::text, 'stored'::text, 'linked'::text, 'skipped'::text])))
);

ALTER TABLE lifeboat.media_items OWNER TO postgres;

-- Name: media_objects; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_objects (
    bucket_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version text,
    etag text,
    size_bytes bigint NOT NULL,
    mime_type text,
    object_updated_at timestamp with time zone,
    s3_key text NOT NULL,
    s3_etag text NOT NULL,
    s3_version_id text,
    archive_key text NOT NULL,
    archived_at timestamp with time zone,
    md5 text,
    sha256 text NOT NULL,
    stored_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);

ALTER TABLE lifeboat.media_objects OWNER TO postgres;

-- Name: media_parts; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_parts (
    recovery_point text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    number integer NOT NULL,
    etag text NOT NULL,
    size_bytes bigint NOT NULL
);

ALTER TABLE lifeboat.media_parts OWNER TO postgres;

-- Name: media_points; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_points (
    recovery_point text NOT NULL,
    listed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    buckets jsonb DEFAULT '[]'::jsonb NOT NULL,
    ledger jsonb DEFAULT '[]'::jsonb NOT NULL,
    files_total bigint DEFAULT 0 NOT NULL,
    bytes_total bigint DEFAULT 0 NOT NULL,
    files_done bigint DEFAULT 0 NOT NULL,
    bytes_done bigint DEFAULT 0 NOT NULL,
    steps bigint DEFAULT 0 NOT NULL,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    linked_at timestamp with time zone,
    finisher uuid,
    finisher_until timestamp with time zone,
    r2 jsonb,
    manifest jsonb,
    manifest_carry bytea,
    outcome jsonb,
    closed_at timestamp with time zone
);

ALTER TABLE lifeboat.media_points OWNER TO postgres;

-- Name: media_workers; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.media_workers (
    worker uuid NOT NULL,
    run_id uuid NOT NULL,
    joined_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE lifeboat.media_workers OWNER TO postgres;

-- Name: recovery_points; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.recovery_points (
    project text NOT NULL,
    point text NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    database_run uuid,
    media_run uuid,
    media_attempts integer DEFAULT 0 NOT NULL,
    media_left bigint,
    media_claimed_until timestamp with time zone,
    media_error text,
    settled_at timestamp with time zone,
    unsettled jsonb DEFAULT '[]'::jsonb NOT NULL,
    email_status text,
    email_attempts integer DEFAULT 0 NOT NULL,
    email_claim uuid,
    email_claimed_until timestamp with time zone,
    email_error text,
    email_id text,
    media_queued_at timestamp with time zone,
    media_revivals integer DEFAULT 0 NOT NULL,
    media_steps bigint DEFAULT '-1'::integer NOT NULL,
    CONSTRAINT recovery_points_email_status_check CHECK ((email_status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'off'::text]))),
    CONSTRAINT recovery_points_point_check CHECK ((point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'::text))
);

ALTER TABLE lifeboat.recovery_points OWNER TO postgres;

-- Name: settings; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.settings (
    singleton boolean DEFAULT true NOT NULL,
    database_schedule text DEFAULT '17 2 * * *'::text,
    maintenance_schedule text DEFAULT '*/10 * * * *'::text,
    verify_schedule text DEFAULT '23 4 * * 0'::text,
    settle_after interval DEFAULT '06:00:00'::interval NOT NULL,
    overdue_after interval DEFAULT '26:00:00'::interval NOT NULL,
    email_attempts integer DEFAULT 5 NOT NULL,
    media_attempts integer DEFAULT 3 NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    media_workers integer DEFAULT 2 NOT NULL,
    CONSTRAINT settings_email_attempts_check CHECK ((email_attempts > 0)),
    CONSTRAINT settings_media_attempts_check CHECK ((media_attempts > 0)),
    CONSTRAINT settings_media_workers_check CHECK (((media_workers >= 1) AND (media_workers <= 32))),
    CONSTRAINT settings_overdue_after_check CHECK ((overdue_after > '00:00:00'::interval)),
    CONSTRAINT settings_settle_after_check CHECK ((settle_after > '00:00:00'::interval)),
    CONSTRAINT settings_singleton_check CHECK (singleton)
);

ALTER TABLE lifeboat.settings OWNER TO postgres;

-- Name: backup_history; Type: TABLE; Schema: public; Owner: postgres

CREATE TABLE public.backup_history (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    trigger text NOT NULL,
    triggered_by uuid,
    label text,
    pinned boolean DEFAULT false NOT NULL,
    project text NOT NULL,
    recovery_point text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    duration_ms bigint,
    s3_key text,
    manifest_key text,
    bytes bigint,
    raw_bytes bigint,
    tables bigint,
    rows bigint,
    files bigint,
    skipped bigint,
    checksum text,
    error_code text,
    error_message text,
    error_hint text,
    progress jsonb,
    details jsonb,
    email_status text,
    email_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT backup_history_check CHECK (((status = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT backup_history_email_status_check CHECK ((email_status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'off'::text]))),
    CONSTRAINT backup_history_kind_check CHECK ((kind = ANY (ARRAY['database'::text, 'media'::text, 'verify'::text, 'drill'::text, 'restore'::text]))),
    CONSTRAINT backup_history_recovery_point_check CHECK ((recovery_point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'::text)),
    CONSTRAINT backup_history_status_check CHECK ((status = ANY (ARRAY['running'::text, 'success'::text, 'partial'::text, 'failed'::text, 'cancelled'::text, 'damaged'::text]))),
    CONSTRAINT backup_history_trigger_check CHECK ((trigger = ANY (ARRAY['cron'::text, 'manual'::text, 'api'::text])))
);

ALTER TABLE public.backup_history OWNER TO postgres;

-- Name: TABLE backup_history; Type: COMMENT; Schema: public; Owner: postgres

COMMENT ON TABLE public.backup_history IS 'One row a run of Lifeboat. Admins read it; only the service writes it.';

-- Name: open_points; Type: VIEW; Schema: lifeboat; Owner: postgres

CREATE VIEW lifeboat.open_points WITH (security_invoker='true') AS
 SELECT p.project,
    p.point,
    p.media_error,
    s.settle_after,
    d.finished_at AS dump_ended_at,
    m.status AS media_status,
    l.media_left,
    l.attempts AS media_attempts,
    (w.media_owed AND (l.attempts < s.media_attempts)) AS media_to_start,
        CASE
            WHEN ((d.id IS NULL) AND (m.id IS NULL)) THEN false
            WHEN (d.status = 'running'::text) THEN false
            WHEN ((d.id IS NULL) OR (d.status <> ALL (ARRAY['success'::text, 'partial'::text]))) THEN (m.status IS DISTINCT FROM 'running'::text)
            WHEN (clock_timestamp() > (d.finished_at + s.settle_after)) THEN true
            WHEN w.media_owed THEN ((l.attempts >= s.media_attempts) AND (COALESCE(p.media_claimed_until, '-infinity'::timestamp with time zone) < clock_timestamp()))
            ELSE (m.status <> 'running'::text)
        END AS can_settle
   FROM (((((lifeboat.recovery_points p
     CROSS JOIN lifeboat.settings s)
     LEFT JOIN public.backup_history d ON ((d.id = p.database_run)))
     LEFT JOIN public.backup_history m ON ((m.id = p.media_run)))
     CROSS JOIN LATERAL ( SELECT (COALESCE(((d.status = ANY (ARRAY['success'::text, 'partial'::text])) AND ((m.id IS NULL) OR ((m.status = 'failed'::text) AND (m.error_code = ANY (ARRAY['run_abandoned'::text, 'worker_ended'::text]))))), false) AND (NOT ((p.media_queued_at IS NOT NULL) AND (EXISTS ( SELECT
                   FROM lifeboat.leases l_1
                  WHERE ((l_1.kind = 'media'::text) AND (l_1.run_id IS NOT NULL) AND (l_1.expires_at > clock_timestamp()))))))) AS "?column?") w(media_owed))
     CROSS JOIN LATERAL ( SELECT q.media_left,
                CASE
                    WHEN (q.media_left < p.media_left) THEN 0
                    ELSE p.media_attempts
                END AS media_attempts
           FROM ( SELECT count(*) AS count
                   FROM lifeboat.media_items i
                  WHERE (w.media_owed AND (i.recovery_point = p.point) AND (i.status = ANY (ARRAY['pending'::text, 'claimed'::text])))) q(media_left)) l(media_left, attempts))
  WHERE (p.settled_at IS NULL);

ALTER VIEW lifeboat.open_points OWNER TO postgres;

-- Name: open_uploads; Type: VIEW; Schema: lifeboat; Owner: postgres

CREATE VIEW lifeboat.open_uploads WITH (security_invoker='true') AS
 SELECT r.run_id,
    r.upload_key,
    r.upload_id
   FROM (lifeboat.runs r
     JOIN public.backup_history h ON ((h.id = r.run_id)))
  WHERE ((r.upload_id IS NOT NULL) AND (h.status <> 'running'::text));

ALTER VIEW lifeboat.open_uploads OWNER TO postgres;

-- Name: point_checks; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.point_checks (
    project text NOT NULL,
    point text NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    check_run uuid,
    verified_at timestamp with time zone,
    deep boolean NOT NULL,
    coverage jsonb NOT NULL,
    damage jsonb DEFAULT '[]'::jsonb NOT NULL,
    former jsonb DEFAULT '{}'::jsonb NOT NULL,
    email_status text,
    email_attempts integer DEFAULT 0 NOT NULL,
    email_claim uuid,
    email_claimed_until timestamp with time zone,
    email_error text,
    CONSTRAINT point_checks_email_status_check CHECK ((email_status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'off'::text]))),
    CONSTRAINT point_checks_point_check CHECK ((point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'::text))
);

ALTER TABLE lifeboat.point_checks OWNER TO postgres;

-- Name: verifies; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.verifies (
    run_id uuid NOT NULL,
    step integer DEFAULT 1 NOT NULL,
    attempts integer DEFAULT 1 NOT NULL
);

ALTER TABLE lifeboat.verifies OWNER TO postgres;

-- Name: verify_steps; Type: TABLE; Schema: lifeboat; Owner: postgres

CREATE TABLE lifeboat.verify_steps (
    run_id uuid NOT NULL,
    step integer NOT NULL,
    "position" jsonb NOT NULL,
    found jsonb NOT NULL
);

ALTER TABLE lifeboat.verify_steps OWNER TO postgres;

-- Name: backup_audit_log; Type: TABLE; Schema: public; Owner: postgres

CREATE TABLE public.backup_audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor uuid,
    action text NOT NULL,
    target text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.backup_audit_log OWNER TO postgres;

-- Name: TABLE backup_audit_log; Type: COMMENT; Schema: public; Owner: postgres

COMMENT ON TABLE public.backup_audit_log IS 'Who did what with backups. Admins read it; nobody changes it.';

-- Name: backup_audit_log_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres

ALTER TABLE public.backup_audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.backup_audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: user_roles; Type: TABLE; Schema: public; Owner: postgres

CREATE TABLE public.user_roles (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    role public.app_role NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.user_roles OWNER TO postgres;

-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (name);

-- Name: dump_holders dump_holders_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dump_holders
    ADD CONSTRAINT dump_holders_pkey PRIMARY KEY (run_id, pid, backend_start);

-- Name: dump_steps dump_steps_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dump_steps
    ADD CONSTRAINT dump_steps_pkey PRIMARY KEY (run_id, step);

-- Name: dumps dumps_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dumps
    ADD CONSTRAINT dumps_pkey PRIMARY KEY (run_id);

-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (kind);

-- Name: media_destination media_destination_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_destination
    ADD CONSTRAINT media_destination_pkey PRIMARY KEY (singleton);

-- Name: media_items media_items_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_items
    ADD CONSTRAINT media_items_pkey PRIMARY KEY (recovery_point, "position");

-- Name: media_objects media_objects_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_objects
    ADD CONSTRAINT media_objects_pkey PRIMARY KEY (bucket_id, name);

-- Name: media_parts media_parts_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_parts
    ADD CONSTRAINT media_parts_pkey PRIMARY KEY (recovery_point, "position", number);

-- Name: media_points media_points_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_points
    ADD CONSTRAINT media_points_pkey PRIMARY KEY (recovery_point);

-- Name: media_workers media_workers_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_workers
    ADD CONSTRAINT media_workers_pkey PRIMARY KEY (worker);

-- Name: point_checks point_checks_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.point_checks
    ADD CONSTRAINT point_checks_pkey PRIMARY KEY (project, point);

-- Name: recovery_points recovery_points_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.recovery_points
    ADD CONSTRAINT recovery_points_pkey PRIMARY KEY (project, point);

-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run_id);

-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (singleton);

-- Name: verifies verifies_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.verifies
    ADD CONSTRAINT verifies_pkey PRIMARY KEY (run_id);

-- Name: verify_steps verify_steps_pkey; Type: CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.verify_steps
    ADD CONSTRAINT verify_steps_pkey PRIMARY KEY (run_id, step);

-- Name: backup_audit_log backup_audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.backup_audit_log
    ADD CONSTRAINT backup_audit_log_pkey PRIMARY KEY (id);

-- Name: backup_history backup_history_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.backup_history
    ADD CONSTRAINT backup_history_pkey PRIMARY KEY (id);

-- Name: user_roles user_roles_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_pkey PRIMARY KEY (id);

-- Name: user_roles user_roles_user_id_role_key; Type: CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_user_id_role_key UNIQUE (user_id, role);

-- Name: media_items_claims; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX media_items_claims ON lifeboat.media_items USING btree (claimed_by) WHERE (status = 'claimed'::text);

-- Name: media_items_queue; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX media_items_queue ON lifeboat.media_items USING btree (recovery_point, "position") WHERE (status = ANY (ARRAY['pending'::text, 'claimed'::text]));

-- Name: media_items_remarkable; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX media_items_remarkable ON lifeboat.media_items USING btree (recovery_point, "position") WHERE ((skip_code IS NOT NULL) OR (skew IS NOT NULL) OR (warning IS NOT NULL));

-- Name: media_items_uploads; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX media_items_uploads ON lifeboat.media_items USING btree (recovery_point) WHERE (upload_id IS NOT NULL);

-- Name: media_workers_run; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX media_workers_run ON lifeboat.media_workers USING btree (run_id);

-- Name: point_checks_check_run; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX point_checks_check_run ON lifeboat.point_checks USING btree (check_run);

-- Name: point_checks_email; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX point_checks_email ON lifeboat.point_checks USING btree (point) WHERE (email_status = ANY (ARRAY['pending'::text, 'failed'::text]));

-- Name: recovery_points_database_run; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX recovery_points_database_run ON lifeboat.recovery_points USING btree (database_run);

-- Name: recovery_points_media_run; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX recovery_points_media_run ON lifeboat.recovery_points USING btree (media_run);

-- Name: recovery_points_open; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX recovery_points_open ON lifeboat.recovery_points USING btree (point) WHERE ((settled_at IS NULL) OR (email_status = ANY (ARRAY['pending'::text, 'failed'::text])));

-- Name: runs_upload; Type: INDEX; Schema: lifeboat; Owner: postgres

CREATE INDEX runs_upload ON lifeboat.runs USING btree (run_id) WHERE (upload_id IS NOT NULL);

-- Name: backup_audit_log_at; Type: INDEX; Schema: public; Owner: postgres

CREATE INDEX backup_audit_log_at ON public.backup_audit_log USING btree (at DESC, id DESC);

-- Name: backup_history_kind_started_at; Type: INDEX; Schema: public; Owner: postgres

CREATE INDEX backup_history_kind_started_at ON public.backup_history USING btree (kind, started_at DESC, id DESC);

-- Name: backup_history_recovery_point; Type: INDEX; Schema: public; Owner: postgres

CREATE INDEX backup_history_recovery_point ON public.backup_history USING btree (recovery_point);

-- Name: backup_history_started_at; Type: INDEX; Schema: public; Owner: postgres

CREATE INDEX backup_history_started_at ON public.backup_history USING btree (started_at DESC, id DESC);

-- Name: backup_history_status_started_at; Type: INDEX; Schema: public; Owner: postgres

CREATE INDEX backup_history_status_started_at ON public.backup_history USING btree (status, started_at DESC, id DESC);

-- Name: settings follow_settings; Type: TRIGGER; Schema: lifeboat; Owner: postgres

CREATE TRIGGER follow_settings AFTER UPDATE OF database_schedule, maintenance_schedule, verify_schedule ON lifeboat.settings FOR EACH STATEMENT EXECUTE FUNCTION lifeboat.follow_settings();

-- Name: backup_history log_run; Type: TRIGGER; Schema: public; Owner: postgres

CREATE TRIGGER log_run AFTER INSERT ON public.backup_history FOR EACH ROW EXECUTE FUNCTION lifeboat.log_run();

-- Name: backup_audit_log refuse_change; Type: TRIGGER; Schema: public; Owner: postgres

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.backup_audit_log FOR EACH STATEMENT EXECUTE FUNCTION lifeboat.refuse_change();

-- Name: dump_holders dump_holders_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dump_holders
    ADD CONSTRAINT dump_holders_run_id_fkey FOREIGN KEY (run_id) REFERENCES lifeboat.dumps(run_id) ON DELETE CASCADE;

-- Name: dump_steps dump_steps_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dump_steps
    ADD CONSTRAINT dump_steps_run_id_fkey FOREIGN KEY (run_id) REFERENCES lifeboat.dumps(run_id) ON DELETE CASCADE;

-- Name: dumps dumps_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.dumps
    ADD CONSTRAINT dumps_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.backup_history(id) ON DELETE CASCADE;

-- Name: leases leases_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.leases
    ADD CONSTRAINT leases_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.backup_history(id) ON DELETE SET NULL;

-- Name: media_workers media_workers_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.media_workers
    ADD CONSTRAINT media_workers_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.backup_history(id) ON DELETE CASCADE;

-- Name: point_checks point_checks_check_run_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.point_checks
    ADD CONSTRAINT point_checks_check_run_fkey FOREIGN KEY (check_run) REFERENCES public.backup_history(id) ON DELETE SET NULL;

-- Name: recovery_points recovery_points_database_run_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.recovery_points
    ADD CONSTRAINT recovery_points_database_run_fkey FOREIGN KEY (database_run) REFERENCES public.backup_history(id) ON DELETE SET NULL;

-- Name: recovery_points recovery_points_media_run_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.recovery_points
    ADD CONSTRAINT recovery_points_media_run_fkey FOREIGN KEY (media_run) REFERENCES public.backup_history(id) ON DELETE SET NULL;

-- Name: runs runs_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.runs
    ADD CONSTRAINT runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.backup_history(id) ON DELETE CASCADE;

-- Name: verifies verifies_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.verifies
    ADD CONSTRAINT verifies_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.backup_history(id) ON DELETE CASCADE;

-- Name: verify_steps verify_steps_run_id_fkey; Type: FK CONSTRAINT; Schema: lifeboat; Owner: postgres

ALTER TABLE ONLY lifeboat.verify_steps
    ADD CONSTRAINT verify_steps_run_id_fkey FOREIGN KEY (run_id) REFERENCES lifeboat.verifies(run_id) ON DELETE CASCADE;

-- Name: user_roles user_roles_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

-- Name: media_destination; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_destination ENABLE ROW LEVEL SECURITY;

-- Name: media_items; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_items ENABLE ROW LEVEL SECURITY;

-- Name: media_objects; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_objects ENABLE ROW LEVEL SECURITY;

-- Name: media_parts; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_parts ENABLE ROW LEVEL SECURITY;

-- Name: media_points; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_points ENABLE ROW LEVEL SECURITY;

-- Name: media_workers; Type: ROW SECURITY; Schema: lifeboat; Owner: postgres

ALTER TABLE lifeboat.media_workers ENABLE ROW LEVEL SECURITY;

-- Name: backup_audit_log Admins read the audit log; Type: POLICY; Schema: public; Owner: postgres

CREATE POLICY "Admins read the audit log" ON public.backup_audit_log FOR SELECT TO authenticated USING (( SELECT public.has_role(( SELECT auth.uid() AS uid), 'admin'::public.app_role) AS has_role));

-- Name: backup_history Admins read the backup history; Type: POLICY; Schema: public; Owner: postgres

CREATE POLICY "Admins read the backup history" ON public.backup_history FOR SELECT TO authenticated USING (( SELECT public.has_role(( SELECT auth.uid() AS uid), 'admin'::public.app_role) AS has_role));

-- Name: user_roles Users read their own roles; Type: POLICY; Schema: public; Owner: postgres

CREATE POLICY "Users read their own roles" ON public.user_roles FOR SELECT TO authenticated USING ((user_id = ( SELECT auth.uid() AS uid)));

-- Name: backup_audit_log; Type: ROW SECURITY; Schema: public; Owner: postgres

ALTER TABLE public.backup_audit_log ENABLE ROW LEVEL SECURITY;

-- Name: backup_history; Type: ROW SECURITY; Schema: public; Owner: postgres

ALTER TABLE public.backup_history ENABLE ROW LEVEL SECURITY;

-- Name: user_roles; Type: ROW SECURITY; Schema: public; Owner: postgres

ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA lifeboat; Type: ACL; Schema: -; Owner: postgres

GRANT USAGE ON SCHEMA lifeboat TO service_role;

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner

GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;

-- Name: FUNCTION abandon_run(dead uuid, last_heard timestamp with time zone); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.abandon_run(dead uuid, last_heard timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.abandon_run(dead uuid, last_heard timestamp with time zone) TO service_role;

-- Name: FUNCTION add_dump_holder(run uuid, at_step integer, holder jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) TO service_role;

-- Name: FUNCTION announce_dump(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.announce_dump(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.announce_dump(run uuid) TO service_role;

-- Name: FUNCTION bare_etag(value text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.bare_etag(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.bare_etag(value text) TO service_role;

-- Name: FUNCTION beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb, OUT held boolean, OUT cancelled boolean); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb, OUT held boolean, OUT cancelled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.beat(run uuid, run_epoch bigint, lease_ms integer, noted jsonb, OUT held boolean, OUT cancelled boolean) TO service_role;

-- Name: FUNCTION begin_dump(run uuid, holder jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.begin_dump(run uuid, holder jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.begin_dump(run uuid, holder jsonb) TO service_role;

-- Name: FUNCTION begin_media(request jsonb, lease_ms integer, worker uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) TO service_role;

-- Name: FUNCTION begin_media_item(of_point text, own uuid, at_position integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.begin_media_item(of_point text, own uuid, at_position integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.begin_media_item(of_point text, own uuid, at_position integer) TO service_role;

-- Name: FUNCTION begin_verify(run uuid, request jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.begin_verify(run uuid, request jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.begin_verify(run uuid, request jsonb) TO service_role;

-- Name: FUNCTION call_function(function_name text, request jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.call_function(function_name text, request jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.call_function(function_name text, request jsonb) TO service_role;

-- Name: FUNCTION checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json, reached json, finished json, unfinished bytea); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json, reached json, finished json, unfinished bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json, reached json, finished json, unfinished bytea) TO service_role;

-- Name: FUNCTION checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea) TO service_role;

-- Name: FUNCTION checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb, found_there jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb, found_there jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb, found_there jsonb) TO service_role;

-- Name: FUNCTION claim_damage_emails(claim_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_damage_emails(claim_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_damage_emails(claim_ms integer) TO service_role;

-- Name: FUNCTION claim_dead_media(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_dead_media() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_dead_media() TO service_role;

-- Name: FUNCTION claim_dead_verify(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_dead_verify() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_dead_verify() TO service_role;

-- Name: FUNCTION claim_dump_restart(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_dump_restart() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_dump_restart() TO service_role;

-- Name: FUNCTION claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer, holder jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer, holder jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer, holder jsonb) TO service_role;

-- Name: FUNCTION claim_email(of_project text, of_point text, claim_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_email(of_project text, of_point text, claim_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_email(of_project text, of_point text, claim_ms integer) TO service_role;

-- Name: FUNCTION claim_media(claim_ms integer, grace_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_media(claim_ms integer, grace_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_media(claim_ms integer, grace_ms integer) TO service_role;

-- Name: FUNCTION claim_media_closing(of_point text, own uuid, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) TO service_role;

-- Name: FUNCTION claim_media_items(of_point text, own uuid, most integer, most_bytes bigint, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint, hold_ms integer) TO service_role;

-- Name: FUNCTION claim_overdue(claim_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_overdue(claim_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_overdue(claim_ms integer) TO service_role;

-- Name: FUNCTION claim_verify_step(run uuid, known_epoch bigint, lease_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) TO service_role;

-- Name: FUNCTION close_abandoned_runs(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.close_abandoned_runs() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.close_abandoned_runs() TO service_role;

-- Name: FUNCTION close_media_point(of_point text, own uuid, answer jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.close_media_point(of_point text, own uuid, answer jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.close_media_point(of_point text, own uuid, answer jsonb) TO service_role;

-- Name: FUNCTION digits(value text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.digits(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.digits(value text) TO service_role;

-- Name: FUNCTION dismiss_media_worker(worker uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.dismiss_media_worker(worker uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.dismiss_media_worker(worker uuid) TO service_role;

-- Name: FUNCTION due_points(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.due_points() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.due_points() TO service_role;

-- Name: FUNCTION finish_media_items(of_point text, own uuid, finished jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) TO service_role;

-- Name: FUNCTION follow_settings(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.follow_settings() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.follow_settings() TO service_role;

-- Name: FUNCTION forget_copies(keys text[], etags text[]); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.forget_copies(keys text[], etags text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.forget_copies(keys text[], etags text[]) TO service_role;

-- Name: FUNCTION forget_media_manifest(of_point text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.forget_media_manifest(of_point text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.forget_media_manifest(of_point text) TO service_role;

-- Name: FUNCTION forget_media_upload(of_point text, at_position integer, upload text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.forget_media_upload(of_point text, at_position integer, upload text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.forget_media_upload(of_point text, at_position integer, upload text) TO service_role;

-- Name: FUNCTION forget_unlisted_copies(listed_from timestamp with time zone); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.forget_unlisted_copies(listed_from timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.forget_unlisted_copies(listed_from timestamp with time zone) TO service_role;

-- Name: FUNCTION forget_upload(run uuid, upload text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.forget_upload(run uuid, upload text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.forget_upload(run uuid, upload text) TO service_role;

-- Name: FUNCTION give_back_dump_step(run uuid, run_epoch bigint, most integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer) TO service_role;

-- Name: FUNCTION give_up_emails(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.give_up_emails() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.give_up_emails() TO service_role;

-- Name: FUNCTION hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) TO service_role;

-- Name: FUNCTION hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer) TO service_role;

-- Name: FUNCTION join_media(run uuid, worker uuid, lease_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.join_media(run uuid, worker uuid, lease_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.join_media(run uuid, worker uuid, lease_ms integer) TO service_role;

-- Name: FUNCTION "json_object"(value jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat."json_object"(value jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat."json_object"(value jsonb) TO service_role;

-- Name: FUNCTION lease_run(request jsonb, lease_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.lease_run(request jsonb, lease_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.lease_run(request jsonb, lease_ms integer) TO service_role;

-- Name: FUNCTION link_media_items(of_point text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.link_media_items(of_point text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.link_media_items(of_point text) TO service_role;

-- Name: FUNCTION list_media_objects(of_point text, bucket_ids text[]); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.list_media_objects(of_point text, bucket_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.list_media_objects(of_point text, bucket_ids text[]) TO service_role;

-- Name: FUNCTION log_run(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.log_run() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.log_run() TO service_role;

-- Name: FUNCTION media_can_go_on(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.media_can_go_on(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.media_can_go_on(run uuid) TO service_role;

-- Name: FUNCTION next_media_point(of_project text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.next_media_point(of_project text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.next_media_point(of_project text) TO service_role;

-- Name: FUNCTION note_archived_copy(of_point text, own uuid, at_position integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) TO service_role;

-- Name: FUNCTION note_lost_step(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_lost_step(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_lost_step(run uuid) TO service_role;

-- Name: FUNCTION note_media_part(of_point text, own uuid, at_position integer, part integer, part_etag text, part_bytes bigint, checksum_state text, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer, part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer, part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) TO service_role;

-- Name: FUNCTION note_media_r2(of_point text, inventory jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_media_r2(of_point text, inventory jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_media_r2(of_point text, inventory jsonb) TO service_role;

-- Name: FUNCTION note_media_upload(of_point text, own uuid, at_position integer, upload text, at_key text, state jsonb, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text, at_key text, state jsonb, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text, at_key text, state jsonb, hold_ms integer) TO service_role;

-- Name: FUNCTION note_media_warnings(of_point text, sentences jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_media_warnings(of_point text, sentences jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_media_warnings(of_point text, sentences jsonb) TO service_role;

-- Name: FUNCTION note_warning(run uuid, sentence text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.note_warning(run uuid, sentence text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.note_warning(run uuid, sentence text) TO service_role;

-- Name: FUNCTION open_point(for_project text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.open_point(for_project text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.open_point(for_project text) TO service_role;

-- Name: FUNCTION overview(of_project text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.overview(of_project text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.overview(of_project text) TO service_role;

-- Name: FUNCTION point_record(of_project text, of_point text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.point_record(of_project text, of_point text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.point_record(of_project text, of_point text) TO service_role;

-- Name: FUNCTION point_summary(of_project text, of_point text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.point_summary(of_project text, of_point text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.point_summary(of_project text, of_point text) TO service_role;

-- Name: FUNCTION rebuild_copies(present_marker text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.rebuild_copies(present_marker text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.rebuild_copies(present_marker text) TO service_role;

-- Name: FUNCTION record_check(run uuid, of_project text, of_point text, result jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) TO service_role;

-- Name: FUNCTION record_damage_email(of_claim uuid, sent_status text, why text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) TO service_role;

-- Name: FUNCTION record_email(of_project text, of_point text, claim uuid, sent_status text, why text, email text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_email(of_project text, of_point text, claim uuid, sent_status text, why text, email text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_email(of_project text, of_point text, claim uuid, sent_status text, why text, email text) TO service_role;

-- Name: FUNCTION record_media_list(of_point text, definitions jsonb, left_out jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) TO service_role;

-- Name: FUNCTION record_media_start(of_project text, of_point text, failed_code text, why text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text) TO service_role;

-- Name: FUNCTION record_overdue(of_claim uuid, sent boolean, why text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.record_overdue(of_claim uuid, sent boolean, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.record_overdue(of_claim uuid, sent boolean, why text) TO service_role;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.refuse_change() TO service_role;

-- Name: FUNCTION release_media_closing(of_point text, own uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.release_media_closing(of_point text, own uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.release_media_closing(of_point text, own uuid) TO service_role;

-- Name: FUNCTION release_media_items(of_point text, own uuid, positions integer[]); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.release_media_items(of_point text, own uuid, positions integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.release_media_items(of_point text, own uuid, positions integer[]) TO service_role;

-- Name: FUNCTION remember_media_destination(present_marker text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.remember_media_destination(present_marker text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.remember_media_destination(present_marker text) TO service_role;

-- Name: FUNCTION remember_upload(run uuid, run_epoch bigint, key text, upload text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.remember_upload(run uuid, run_epoch bigint, key text, upload text) TO service_role;

-- Name: FUNCTION renew_media_claims(of_point text, own uuid, hold_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) TO service_role;

-- Name: FUNCTION request_cancel(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.request_cancel(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.request_cancel(run uuid) TO service_role;

-- Name: FUNCTION require_schema_version(expected integer, or_newer boolean); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.require_schema_version(expected integer, or_newer boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.require_schema_version(expected integer, or_newer boolean) TO service_role;

-- Name: FUNCTION schedule(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.schedule() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.schedule() TO service_role;

-- Name: FUNCTION schedule_problem(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.schedule_problem() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.schedule_problem() TO service_role;

-- Name: FUNCTION schema_version(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.schema_version() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.schema_version() TO service_role;

-- Name: FUNCTION see_media_worker(worker uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.see_media_worker(worker uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.see_media_worker(worker uuid) TO service_role;

-- Name: FUNCTION settle_point(of_project text, of_point text); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.settle_point(of_project text, of_point text) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.settle_point(of_project text, of_point text) TO service_role;

-- Name: FUNCTION settle_run(run uuid, run_epoch bigint, outcome jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.settle_run(run uuid, run_epoch bigint, outcome jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.settle_run(run uuid, run_epoch bigint, outcome jsonb) TO service_role;

-- Name: FUNCTION start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean, unit_files integer, unit_bytes bigint) TO service_role;

-- Name: FUNCTION start_run(request jsonb, lease_ms integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.start_run(request jsonb, lease_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.start_run(request jsonb, lease_ms integer) TO service_role;

-- Name: FUNCTION take_over_media_items(of_point text, own uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.take_over_media_items(of_point text, own uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.take_over_media_items(of_point text, own uuid) TO service_role;

-- Name: TABLE runs; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.runs TO service_role;

-- Name: FUNCTION take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer) TO service_role;

-- Name: FUNCTION unschedule(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.unschedule() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.unschedule() TO service_role;

-- Name: FUNCTION update_run(run uuid, changes jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.update_run(run uuid, changes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.update_run(run uuid, changes jsonb) TO service_role;

-- Name: FUNCTION verify_can_go_on(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.verify_can_go_on(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.verify_can_go_on(run uuid) TO service_role;

-- Name: FUNCTION verify_found(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.verify_found(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.verify_found(run uuid) TO service_role;

-- Name: FUNCTION verify_newest(); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.verify_newest() FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.verify_newest() TO service_role;

-- Name: FUNCTION watch_dump(run uuid, own_step integer, own_worker uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) TO service_role;

-- Name: FUNCTION watch_verify(run uuid); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.watch_verify(run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.watch_verify(run uuid) TO service_role;

-- Name: FUNCTION write_audit(by_user uuid, what text, done_to text, told jsonb); Type: ACL; Schema: lifeboat; Owner: postgres

REVOKE ALL ON FUNCTION lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) TO service_role;

-- Name: FUNCTION has_role(_user_id uuid, _role public.app_role); Type: ACL; Schema: public; Owner: postgres

REVOKE ALL ON FUNCTION public.has_role(_user_id uuid, _role public.app_role) FROM PUBLIC;
GRANT ALL ON FUNCTION public.has_role(_user_id uuid, _role public.app_role) TO authenticated;
GRANT ALL ON FUNCTION public.has_role(_user_id uuid, _role public.app_role) TO service_role;

-- Name: TABLE alerts; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.alerts TO service_role;

-- Name: TABLE dump_holders; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.dump_holders TO service_role;

-- Name: TABLE dump_steps; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.dump_steps TO service_role;

-- Name: TABLE dumps; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.dumps TO service_role;

-- Name: TABLE leases; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.leases TO service_role;

-- Name: TABLE live_dump_holders; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.live_dump_holders TO service_role;

-- Name: TABLE media_destination; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_destination TO service_role;

-- Name: TABLE media_items; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_items TO service_role;

-- Name: TABLE media_objects; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_objects TO service_role;

-- Name: TABLE media_parts; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_parts TO service_role;

-- Name: TABLE media_points; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_points TO service_role;

-- Name: TABLE media_workers; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.media_workers TO service_role;

-- Name: TABLE recovery_points; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.recovery_points TO service_role;

-- Name: TABLE settings; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.settings TO service_role;

-- Name: TABLE backup_history; Type: ACL; Schema: public; Owner: postgres

GRANT SELECT ON TABLE public.backup_history TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.backup_history TO service_role;

-- Name: TABLE open_points; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.open_points TO service_role;

-- Name: TABLE open_uploads; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.open_uploads TO service_role;

-- Name: TABLE point_checks; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.point_checks TO service_role;

-- Name: TABLE verifies; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.verifies TO service_role;

-- Name: TABLE verify_steps; Type: ACL; Schema: lifeboat; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE lifeboat.verify_steps TO service_role;

-- Name: TABLE backup_audit_log; Type: ACL; Schema: public; Owner: postgres

GRANT SELECT ON TABLE public.backup_audit_log TO authenticated;
GRANT SELECT,INSERT ON TABLE public.backup_audit_log TO service_role;

-- Name: TABLE user_roles; Type: ACL; Schema: public; Owner: postgres

GRANT SELECT ON TABLE public.user_roles TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_roles TO service_role;
