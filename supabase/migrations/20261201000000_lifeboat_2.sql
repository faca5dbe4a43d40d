-- Written by `npm run generate` from supabase/sql; do not edit.
-- All functions and views of Lifeboat's schema 2. May be applied again.

-- They call each other, in whatever order they come.
set check_function_bodies = off;

create or replace function lifeboat.schema_version() returns integer
language sql immutable set search_path = ''
as $$ select 2 $$;

-- Every run that begins is in the log, whoever starts it and from where.
create or replace function lifeboat.log_run() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.backup_audit_log (actor, action, target, details)
  values (new.triggered_by, 'run.start', new.id::text, jsonb_strip_nulls(jsonb_build_object(
    'kind', new.kind, 'trigger', new.trigger, 'recoveryPoint', new.recovery_point, 'label', new.label)));
  return null;
end $$;

-- What the page's overview shows, except the next run, which is computed in TypeScript from the cron expression.
create or replace function lifeboat.overview(of_project text) returns jsonb
language plpgsql stable set search_path = ''
as $$
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
end $$;

-- Grants do not bind the owner of the table, which the functions connect as.
create or replace function lifeboat.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception 'Entries of % are never changed or deleted.', tg_relid::regclass using errcode = 'insufficient_privilege';
end $$;

-- Sets label and pin of a run; the database and the media run of a recovery point always have the same. Null: no such run.
create or replace function lifeboat.update_run(run uuid, changes jsonb) returns jsonb
language sql set search_path = ''
as $$
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

-- Records what an admin (`by_user`) or the service (null) is about to do.
create or replace function lifeboat.write_audit(by_user uuid, what text, done_to text, told jsonb) returns void
language sql set search_path = ''
as $$
  insert into public.backup_audit_log (actor, action, target, details) values (by_user, what, done_to, told)
$$;

-- Gives one caller the right to send each email about damage that is owed.
create or replace function lifeboat.claim_damage_emails(claim_ms integer) returns setof jsonb
language sql set search_path = ''
as $$
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

-- Claims the alert that no good dump is young enough: at most once a day. Null when none is owed.
create or replace function lifeboat.claim_overdue(claim_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- Notes how sending went. False when the claim had passed to somebody else.
create or replace function lifeboat.record_damage_email(of_claim uuid, sent_status text, why text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.point_checks c
  set email_status = sent_status, email_error = why, email_claim = null,
    email_claimed_until = case
      when sent_status = 'failed' then clock_timestamp() + c.email_attempts * interval '5 minutes'
    end
  where c.email_claim = of_claim;
  return found;
end $$;

create or replace function lifeboat.record_overdue(of_claim uuid, sent boolean, why text) returns void
language sql set search_path = ''
as $$
  update lifeboat.alerts
  set error = why, claim = null,
    sent_at = case when sent then clock_timestamp() else sent_at end,
    claimed_until = case when sent then null else clock_timestamp() + interval '1 hour' end
  where name = 'overdue' and claim = of_claim
$$;

-- The newest database and media run of a point, and what is known to be damaged in it.
create or replace function lifeboat.point_record(of_project text, of_point text) returns jsonb
language sql stable set search_path = ''
as $$
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

-- Writes down what a check found. `result`: {"deep", "looked", "coverage", "damage", "halves": {"database": {"code", …}, …}}.
-- The history rows of runs with damage turn damaged; rows of runs without damage become what they were.
create or replace function lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) returns void
language plpgsql set search_path = ''
as $$
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

-- Forgets that damaged copies are stored, by key and ETag. Copies that were stored at these keys since are kept.
create or replace function lifeboat.forget_copies(keys text[], etags text[]) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_objects o using unnest(keys, etags) as d (key, etag)
  where o.s3_key = d.key and o.s3_etag = d.etag
$$;

-- Forgets copies that the bucket's listing lacks (pg_temp.lifeboat_listed, a table of the caller's session), so that the
-- next media run stores them anew. Copies that were stored since `listed_from` are younger than the listing and stay.
-- Answers the number of copies.
create or replace function lifeboat.forget_unlisted_copies(listed_from timestamptz) returns bigint
language plpgsql set search_path = ''
as $$
declare
  forgotten bigint;
begin
  delete from lifeboat.media_objects o
  where o.stored_at < listed_from and not exists (select from pg_temp.lifeboat_listed l
    where l.s3_key = o.s3_key and l.s3_etag = o.s3_etag and l.size_bytes = o.size_bytes);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

-- Remembers again what the newest manifest names (pg_temp.lifeboat_named) and the bucket's listing confirms by key, ETag and
-- size (pg_temp.lifeboat_listed). Both are tables of the caller's session. A destination that was not known is so from
-- now on, because the next media run would take it for another one and forget everything. Answers the number of copies.
create or replace function lifeboat.rebuild_copies(present_marker text) returns bigint
language plpgsql set search_path = ''
as $$
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

-- What lies in S3 is remembered of one destination. With the marker of another one, everything is forgotten that was
-- stored in the one before, so that the next manifest names only what lies in this one; what lies there already is
-- found again by its ETag. Closed points keep their answers. One statement, so that a run that dies here has either
-- forgotten all or nothing.
create or replace function lifeboat.remember_media_destination(present_marker text) returns void
language sql set search_path = ''
as $$
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

create or replace function lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.dump_holders (run_id, step, worker, snapshot, pid, backend_start)
  values (run, at_step, (holder ->> 'worker')::uuid, holder ->> 'snapshotId', (holder ->> 'pid')::integer,
    (holder ->> 'backendStart')::timestamptz)
  on conflict do nothing
$$;

-- Notes that a dump has begun whose worker may die: from then on another is started in its place. One that stands for a
-- dump whose worker was killed begins with smaller steps. Answers how many steps count as lost. May be repeated.
create or replace function lifeboat.announce_dump(run uuid) returns integer
language plpgsql set search_path = ''
as $$
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

-- Notes that a dump has begun, and forgets the state that ended dumps carried from step to step.
create or replace function lifeboat.begin_dump(run uuid, holder jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from lifeboat.dump_steps s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  delete from lifeboat.dump_holders s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  perform lifeboat.add_dump_holder(run, 1, holder);
end $$;

-- Writes where a step ended. False when the run is not the caller's any more; the same answer when repeated.
create or replace function lifeboat.checkpoint_dump(run uuid, run_epoch bigint, at_step integer, for_frame json,
  reached json, finished json, unfinished bytea) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Takes the step after `known_step`, if the run still has this epoch: raises it, so that whoever held it cannot write any
-- more. The caller holds the snapshot and the locks already. Answers {"run", "epoch", "step", "upload", "lostSteps"}; {"taken": true}
-- also when a writer that was only silent has come further meanwhile; {"lost": true} when nobody else holds the snapshot
-- now: then a TRUNCATE may have slipped in between its locks and the caller's.
create or replace function lifeboat.claim_dump_step(run uuid, known_epoch bigint, known_step integer, lease_ms integer,
  holder jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- Leaves a failed step to another worker that holds the snapshot. False when no other does, the step was tried too often
-- already, or the run is not the caller's.
create or replace function lifeboat.give_back_dump_step(run uuid, run_epoch bigint, most integer)
returns boolean
language plpgsql set search_path = ''
as $$
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

-- A session whose transaction has ended or broken has given its locks back.
create or replace view lifeboat.live_dump_holders with (security_invoker = true) as
select h.* from lifeboat.dump_holders h
join pg_stat_activity a on a.pid = h.pid and a.backend_start = h.backend_start
where coalesce(a.state, '') not in ('idle', 'idle in transaction (aborted)');

-- The state of a run, for a worker that has handed it over and still holds its snapshot.
create or replace function lifeboat.watch_dump(run uuid, own_step integer, own_worker uuid) returns jsonb
language sql stable set search_path = ''
as $$
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

-- Begins a media run with `worker` as its first invocation, or takes up the point's run after all its invocations died.
-- Every media run begins here: after its dump, by cron or a person, or in a process of the command line. Answers
-- {"run", "epoch"}, with "lostSteps" when it is taken up, {"running"} or {"unknownPoint"} as lease_run does, or {"queued": id}
-- when another point's run is at work, which will take this one next.
create or replace function lifeboat.begin_media(request jsonb, lease_ms integer, worker uuid) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- Points whose media run has no living worker and can go on. Each answer counts as a try.
create or replace function lifeboat.claim_dead_media() returns table (project text, point text)
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_revivals = case when m.steps > p.media_steps then 1 else p.media_revivals + 1 end, media_steps = m.steps
  from lifeboat.leases l
  join public.backup_history h on h.id = l.run_id
  join lifeboat.media_points m on m.recovery_point = h.recovery_point
  where l.kind = 'media' and l.expires_at <= clock_timestamp() and lifeboat.media_can_go_on(l.run_id)
    and p.project = h.project and p.point = h.recovery_point
  returning p.project, p.point
$$;

-- Claims points whose media run has to be started (again). Within the grace period the worker of the dump may
-- be about to start it, so the point is left alone.
create or replace function lifeboat.claim_media(claim_ms integer, grace_ms integer)
  returns table (project text, point text)
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_attempts = o.media_attempts + 1, media_left = o.media_left,
    media_claimed_until = clock_timestamp() + make_interval(secs => claim_ms / 1000.0)
  from lifeboat.open_points o
  where o.media_to_start and p.project = o.project and p.point = o.point and p.settled_at is null
    and o.dump_ended_at + make_interval(secs => grace_ms / 1000.0) <= clock_timestamp()
    and coalesce(p.media_claimed_until, '-infinity') <= clock_timestamp()
  returning p.project, p.point
$$;

-- Forgets an invocation that was called and will not come, so that another may be called in its place.
create or replace function lifeboat.dismiss_media_worker(worker uuid) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_workers w where w.worker = dismiss_media_worker.worker
$$;

-- Lets a worker that was called join its run, once. Answers {"run", "epoch", "lostSteps"}, or null when the worker was not
-- called for this run, came twice, or the run is over.
create or replace function lifeboat.join_media(run uuid, worker uuid, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- Whether others can go on with a media run when all its invocations have died: its files were listed, nobody cancelled
-- it, and it has moved since it was last taken up, or has tries left.
create or replace function lifeboat.media_can_go_on(run uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.backup_history h
    join lifeboat.recovery_points p on p.project = h.project and p.point = h.recovery_point
    join lifeboat.media_points m on m.recovery_point = h.recovery_point
    cross join lifeboat.settings s
    where h.id = run and h.status = 'running' and (m.steps > p.media_steps or p.media_revivals < s.media_attempts)
      and not exists (select from lifeboat.runs r where r.run_id = h.id and r.cancel_requested_at is not null)
  )
$$;

-- The point that a run which has ended leaves as the next, if one was asked for meanwhile.
create or replace function lifeboat.next_media_point(of_project text) returns text
language sql stable set search_path = ''
as $$
  select p.point from lifeboat.recovery_points p
  where p.project = of_project and p.media_queued_at is not null and p.media_run is null
  order by p.point limit 1
$$;

-- Notes how starting went. A media run of another point that is still at work is no failed attempt.
create or replace function lifeboat.record_media_start(of_project text, of_point text, failed_code text, why text)
  returns void
language sql set search_path = ''
as $$
  update lifeboat.recovery_points p
  set media_error = why,
    media_attempts = p.media_attempts - case when failed_code = 'already_running' then 1 else 0 end
  where p.project = of_project and p.point = of_point
$$;

create or replace function lifeboat.see_media_worker(worker uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_workers w set seen_at = clock_timestamp() where w.worker = see_media_worker.worker
$$;

-- Adds as many workers as the length of the queue justifies, one for each `unit_files` or `unit_bytes`, and at least one where
-- the point would be left without a worker. With `leaves` the caller is not counted any more. Answers the ids of the new
-- workers; each has to be called.
create or replace function lifeboat.start_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean,
  unit_files integer, unit_bytes bigint) returns setof uuid
language plpgsql set search_path = ''
as $$
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

-- Writes where the manifest of a point stands, and the bytes of its unfinished part, for the next invocation. Nothing is
-- written where another invocation closes the point by now.
create or replace function lifeboat.checkpoint_media_manifest(of_point text, own uuid, reached jsonb, unfinished bytea)
  returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set manifest = reached, manifest_carry = unfinished, steps = steps + 1
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

-- Gives one invocation the right to close a point: when nothing of its queue is left, and no other invocation has the right
-- now. The invocation keeps it as it keeps its claims (renew_media_claims).
create or replace function lifeboat.claim_media_closing(of_point text, own uuid, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_points p set finisher = own,
    finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where p.recovery_point = of_point and p.closed_at is null
    and (p.finisher is null or p.finisher = own or p.finisher_until < clock_timestamp())
    and not exists (select from lifeboat.media_items i
      where i.recovery_point = of_point and i.status in ('pending', 'claimed'));
  return found;
end $$;

-- Checkpoint: the manifest lies in S3 and the point is done. Lists of earlier points are dropped, since their manifests
-- hold all that they said, and a million rows a day would soon outgrow the project; the list of a point that was never
-- finished waits seven days for its run to be started again. False when it is not `own`'s to close any more: it was closed,
-- or what was stored counts no more because the functions were given another bucket meanwhile.
create or replace function lifeboat.close_media_point(of_point text, own uuid, answer jsonb) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Lets the manifest of a point be written from its beginning.
create or replace function lifeboat.forget_media_manifest(of_point text) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set manifest = null, manifest_carry = null where recovery_point = of_point
$$;

-- Writes the object list of a point: one INSERT … SELECT over storage.objects, so that the list is of one moment however
-- long it is. Columns differ with the age of the platform, so the statement is made of those that are there. Platforms
-- that keep old versions (since August 2026) have rows of superseded and deleted ones in the same table, which are not
-- part of a list.
create or replace function lifeboat.list_media_objects(of_point text, bucket_ids text[]) returns void
language plpgsql set search_path = ''
as $$
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
end $$;

-- Checkpoint: the R2 inventory of the point lies in S3.
create or replace function lifeboat.note_media_r2(of_point text, inventory jsonb) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set r2 = inventory where recovery_point = of_point
$$;

-- Keeps what the owner should know until the point is closed. Replaces what an earlier beginning noted.
create or replace function lifeboat.note_media_warnings(of_point text, sentences jsonb) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set warnings = sentences where recovery_point = of_point
$$;

-- Says that the object list of a point is whole, also when it is empty. To be called in the transaction that wrote it.
create or replace function lifeboat.record_media_list(of_point text, definitions jsonb, left_out jsonb) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.media_points (recovery_point, buckets, ledger, files_total, bytes_total)
  select of_point, definitions, left_out, count(*), coalesce(sum(size_bytes), 0)
  from lifeboat.media_items where recovery_point = of_point
$$;

-- Gives the right to close a point back, for an invocation that hands over before it is closed.
create or replace function lifeboat.release_media_closing(of_point text, own uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_points set finisher = null where recovery_point = of_point and finisher = own
$$;

-- Notes that an object which invocations have died of is being copied now. False when it is not claimed by `own` any more.
create or replace function lifeboat.begin_media_item(of_point text, own uuid, at_position integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set attempts = attempts + 1
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  if not found then
    return false;
  end if;
  update lifeboat.media_points set steps = steps + 1 where recovery_point = of_point;
  return true;
end $$;

-- Claims up to `most` objects of a point in the order of their positions, and no more than about `most_bytes`; also those whose
-- claim has run out. What was in the batches of two invocations that died comes alone: it may be what they died of, and
-- from then on only deaths count while it is copied (begin_media_item). Rows that were looked at and not chosen are unlocked
-- at the end of the statement. Answers one object a row, in order. The plan is made anew each time: a plan for any
-- `most` would take the limit for a tenth of the table and sort a million rows.
create or replace function lifeboat.claim_media_items(of_point text, own uuid, most integer, most_bytes bigint,
  hold_ms integer) returns setof jsonb
language sql set search_path = '' set plan_cache_mode = force_custom_plan
as $$
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

-- Checkpoint of many objects at once: each is stored, or skipped with a code and a reason. Objects that `own` has not
-- claimed any more are left out. One statement, so that the items, what lies at their keys and the counters change
-- together or not at all. Answers {"filesDone", "filesTotal", "bytesDone", "bytesTotal"} of the point.
create or replace function lifeboat.finish_media_items(of_point text, own uuid, finished jsonb) returns jsonb
language sql set search_path = ''
as $$
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

-- Forgets an upload that nobody goes on with, after its parts were given back; only this one, since the object may have
-- another upload by now.
create or replace function lifeboat.forget_media_upload(of_point text, at_position integer, upload text) returns void
language sql set search_path = ''
as $$
  delete from lifeboat.media_parts p using lifeboat.media_items i
  where i.recovery_point = of_point and i.position = at_position and i.upload_id = upload
    and p.recovery_point = i.recovery_point and p.position = i.position;
  update lifeboat.media_items set upload_key = null, upload_id = null, upload_state = null
  where recovery_point = of_point and position = at_position and upload_id = upload
$$;

-- Keeps one claim. False when the object is not claimed by `own` any more.
create or replace function lifeboat.hold_media_item(of_point text, own uuid, at_position integer, hold_ms integer)
  returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = at_position;
  return found;
end $$;

-- Marks as linked each object of a point that lies in S3 already in the listed version, once a point, and answers how many
-- there are. It must be the same version, and nothing said about it may differ. Objects without a version (older ones)
-- are known by ETag, size and time.
create or replace function lifeboat.link_media_items(of_point text) returns bigint
language sql set search_path = '' set plan_cache_mode = force_custom_plan
as $$
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

-- Checkpoint: the copy at the object's current key lies at its archive key too, so that another one may take the current
-- key. False when the object is not claimed by `own` any more.
create or replace function lifeboat.note_archived_copy(of_point text, own uuid, at_position integer) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update lifeboat.media_objects o set archived_at = now() from lifeboat.media_items i
  where i.recovery_point = of_point and i.claimed_by = own and i.status = 'claimed' and i.position = at_position
    and o.bucket_id = i.bucket_id and o.name = i.name;
  return found;
end $$;

-- Checkpoint: one more part of an object lies in S3. An object that makes progress is not suspected of killing
-- workers any more. False when the object is not claimed by `own`, or its upload was given back.
create or replace function lifeboat.note_media_part(of_point text, own uuid, at_position integer, part integer,
  part_etag text, part_bytes bigint, checksum_state text, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Notes the upload that was opened for an object, before its first part, so that no part lies in S3 that nobody knows of.
-- Nulls forget an upload that was given back. False when the object is not claimed by `own` any more; then its upload
-- is somebody else's and stays noted.
create or replace function lifeboat.note_media_upload(of_point text, own uuid, at_position integer, upload text,
  at_key text, state jsonb, hold_ms integer) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Gives claimed objects back, so that others need not wait until the claims run out.
create or replace function lifeboat.release_media_items(of_point text, own uuid, positions integer[]) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null
  where recovery_point = of_point and claimed_by = own and status = 'claimed' and position = any (positions)
$$;

-- Keeps all claims of an invocation, and its right to close the point if it has it.
create or replace function lifeboat.renew_media_claims(of_point text, own uuid, hold_ms integer) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set claimed_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and claimed_by = own and status = 'claimed';
  update lifeboat.media_points set finisher_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
  where recovery_point = of_point and finisher = own and closed_at is null
$$;

-- Gives back what other invocations have claimed of a point, and the right to close it. Only an invocation that knows that
-- all others are dead may call this: the one that began the run or took it up. A first or second death of an object's batch
-- is counted; later ones are counted where the object is copied alone (begin_media_item). Like every function of the queue
-- it locks items before their point, because two invocations that lock in different orders would wait for each other.
create or replace function lifeboat.take_over_media_items(of_point text, own uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_items set status = 'pending', claimed_by = null, claimed_until = null,
    attempts = greatest(attempts, least(attempts + 1, 2))
  where recovery_point = of_point and status = 'claimed' and claimed_by is distinct from own;
  update lifeboat.media_points set finisher = null where recovery_point = of_point and closed_at is null
$$;

-- Gives one caller the right to send the point's email. Null when it is not owed, is being sent, or has had its tries.
create or replace function lifeboat.claim_email(of_project text, of_point text, claim_ms integer) returns uuid
language plpgsql set search_path = ''
as $$
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

-- Points that can be settled or whose email can be claimed now, oldest first.
create or replace function lifeboat.due_points() returns table (project text, point text)
language sql stable set search_path = ''
as $$
  select o.project, o.point from lifeboat.open_points o where o.can_settle
  union
  select p.project, p.point from lifeboat.recovery_points p cross join lifeboat.settings s
  where p.email_status in ('pending', 'failed') and p.email_attempts < s.email_attempts
    and coalesce(p.email_claimed_until, '-infinity') <= clock_timestamp()
  order by 2, 1
$$;

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

-- Every point that is not settled, and whether it can be. A point is settled when both of its runs have ended, when the
-- dump failed (no media run follows), or when the media run took too long or cannot be started.
create or replace view lifeboat.open_points with (security_invoker = true) as
select p.project, p.point, p.media_error, s.settle_after,
  d.finished_at as dump_ended_at,
  m.status as media_status,
  l.media_left, l.attempts as media_attempts,
  w.media_owed and l.attempts < s.media_attempts as media_to_start,
  case
    when d.id is null and m.id is null then false
    when d.status = 'running' then false
    when d.id is null or d.status not in ('success', 'partial') then m.status is distinct from 'running'
    when clock_timestamp() > d.finished_at + s.settle_after then true
    when w.media_owed then l.attempts >= s.media_attempts
      and coalesce(p.media_claimed_until, '-infinity') < clock_timestamp()
    else m.status <> 'running'
  end as can_settle
from lifeboat.recovery_points p
cross join lifeboat.settings s
left join public.backup_history d on d.id = p.database_run
left join public.backup_history m on m.id = p.media_run
cross join lateral (
  -- The dump is good, but its media run never began, or its worker died or was ended by the platform.
  -- One that waits for another point's run is not owed: that run takes it next.
  select coalesce(d.status in ('success', 'partial')
    and (m.id is null or m.status = 'failed' and m.error_code in ('run_abandoned', 'worker_ended')), false)
    and not (p.media_queued_at is not null and exists (
      select from lifeboat.leases l where l.kind = 'media' and l.run_id is not null and l.expires_at > clock_timestamp()))
) as w (media_owed)
cross join lateral (
  -- A media run that outgrows one worker goes on in the next as often as it takes; only starts in vain are counted.
  select q.media_left, case when q.media_left < p.media_left then 0 else p.media_attempts end
  from (
    select count(*) from lifeboat.media_items i
    where w.media_owed and i.recovery_point = p.point and i.status in ('pending', 'claimed')
  ) as q (media_left)
) as l (media_left, attempts)
where p.settled_at is null;

-- What an email about a point contains.
create or replace function lifeboat.point_summary(of_project text, of_point text) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('project', p.project, 'recoveryPoint', p.point, 'unsettled', p.unsettled,
    'database', (select to_jsonb(h) from public.backup_history h where h.id = p.database_run),
    'media', (select to_jsonb(h) from public.backup_history h where h.id = p.media_run))
  from lifeboat.recovery_points p
  where p.project = of_project and p.point = of_point
$$;

-- Notes how sending went. False when the claim had passed to somebody else. A failure is tried again later, the more
-- failures the later; the history shows it meanwhile.
create or replace function lifeboat.record_email(
  of_project text, of_point text, claim uuid, sent_status text, why text, email text
) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Settles a point that can be settled, and makes its email owed. True when it is settled now or was before.
create or replace function lifeboat.settle_point(of_project text, of_point text) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Closes every run whose lease has run out and that nobody can go on with, and rows that no lease covers (a restored history). Answers their rows.
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

-- Forgets an upload of an ended run whose parts were given back; only this one, since the run may have remembered another.
create or replace function lifeboat.forget_upload(run uuid, upload text) returns void
language sql set search_path = ''
as $$
  update lifeboat.runs set upload_key = null, upload_id = null where run_id = run and upload_id = upload
$$;

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

-- Notes that the platform ended a worker of the run, or was about to: the steps that come take on half as much.
create or replace function lifeboat.note_lost_step(run uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.runs r set lost_steps = r.lost_steps + 1 where r.run_id = run
$$;

-- Adds a sentence to what a run warns of, once however often it is repeated.
create or replace function lifeboat.note_warning(run uuid, sentence text) returns void
language sql set search_path = ''
as $$
  update public.backup_history h
  set details = jsonb_set(coalesce(h.details, '{}'), '{warnings}',
    coalesce(h.details -> 'warnings', '[]') || to_jsonb(sentence))
  where h.id = run and not coalesce(h.details -> 'warnings', '[]') ? sentence
$$;

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

-- Uploads that ended runs left open.
create or replace view lifeboat.open_uploads with (security_invoker = true) as
select r.run_id, r.upload_key, r.upload_id
from lifeboat.runs r
join public.backup_history h on h.id = r.run_id
where r.upload_id is not null and h.status <> 'running';

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
    -- The progress of a failed run is kept, because it shows where the run failed.
    progress = case when outcome ->> 'status' in ('success', 'partial') then null else h.progress end
  where h.id = run
  returning * into settled;

  if settled.status in ('success', 'partial') then
    update lifeboat.runs set upload_key = null, upload_id = null where run_id = run;
  end if;
  return to_jsonb(settled);
end $$;

-- Begins a run of any kind, as lease_run says. A media run has one way in, whoever asks for it: begin_media, which knows of
-- the point's dead run and of points that wait their turn. The first version's command line asked for one here.
create or replace function lifeboat.start_run(request jsonb, lease_ms integer) returns jsonb
language sql set search_path = ''
as $$
  select case request ->> 'kind'
    when 'media' then lifeboat.begin_media(request, lease_ms, gen_random_uuid())
    else lifeboat.lease_run(request, lease_ms)
  end
$$;

-- Gives a run that goes on in steps to the caller, who holds its lease's row: raises the epoch, so that whoever had it cannot
-- write any more. A step that is taken a second time (`attempts`) has lost its worker, and the run remembers that; eight steps
-- in a row that went well give one halving back, since the host may have been busy only for a while. Answers the run.
create or replace function lifeboat.take_over_step(run uuid, lease_ms integer, at_step integer, attempts integer)
returns lifeboat.runs
language plpgsql set search_path = ''
as $$
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

-- What the cron jobs run. Fire and forget: the function answers 202 at once. A backup that cannot even be asked for is a
-- failed run in the history, since nobody reads cron.job_run_details.
create or replace function lifeboat.call_function(function_name text, request jsonb default '{"trigger": "cron"}')
  returns void
language plpgsql set search_path = ''
as $$
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

create or replace function lifeboat.follow_settings() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform lifeboat.schedule();
  return null;
end $$;

-- Makes the cron jobs what lifeboat.settings says. Returns true when there is a scheduler.
create or replace function lifeboat.schedule() returns boolean
language plpgsql set search_path = ''
as $$
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
end $$;

-- What the schedule lacks, in a sentence, or null.
create or replace function lifeboat.schedule_problem() returns text
language plpgsql stable set search_path = ''
as $$
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

-- Takes all jobs away for good; set the schedules in lifeboat.settings to have them back.
create or replace function lifeboat.unschedule() returns void
language sql set search_path = ''
as $$
  update lifeboat.settings set database_schedule = null, maintenance_schedule = null, verify_schedule = null
$$;

-- Asks for a verify of the newest good recovery point; nothing when there is none.
create or replace function lifeboat.verify_newest() returns void
language sql set search_path = ''
as $$
  select lifeboat.call_function('backup-admin',
    jsonb_build_object('action', 'verify', 'runId', newest.id, 'trigger', 'cron'))
  from (
    select h.id from public.backup_history h
    where h.kind = 'database' and h.status in ('success', 'partial') order by h.started_at desc limit 1
  ) as newest
$$;

-- Refuses a caller of another release. It stands in the FROM of the first statement that a caller sends, so that the
-- statement does nothing and no round trip is added. SQLSTATE LB001: the database is older than the caller; LB002: it is
-- newer, which a run that began before an upgrade may accept with `or_newer`.
create or replace function lifeboat.require_schema_version(expected integer, or_newer boolean default false) returns void
language plpgsql stable set search_path = ''
as $$
declare
  present constant integer := lifeboat.schema_version();
begin
  if present < expected then
    raise exception 'Lifeboat''s schema is version %, and % is needed', present, expected using errcode = 'LB001';
  elsif present > expected and not or_newer then
    raise exception 'Lifeboat''s schema is version %, and the caller knows %', present, expected using errcode = 'LB002';
  end if;
end $$;

-- An ETag without its quotes and without the mark of a weak one.
create or replace function lifeboat.bare_etag(value text) returns text
language sql immutable parallel safe as $function$
  select nullif(regexp_replace(value, '^(?:W/)?"(.*)"$', '\1'), '')
$function$;

-- A whole number out of text that anybody may have written; null for anything else.
create or replace function lifeboat.digits(value text) returns bigint
language sql immutable parallel safe as $function$
  select case when value ~ '^[0-9]{1,18}$' then value::bigint end
$function$;

-- storage.objects keeps metadata as a JSON object; a light local server keeps the same object inside a JSON string.
create or replace function lifeboat.json_object(value jsonb) returns jsonb
language plpgsql immutable parallel safe set search_path = '' as $function$
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
$function$;

-- Notes that a verify has begun whose worker may die, and what was asked for; forgets what ended ones carried. May be
-- repeated.
create or replace function lifeboat.begin_verify(run uuid, request jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from lifeboat.verifies v using public.backup_history h where h.id = v.run_id and h.status <> 'running';
  insert into lifeboat.verifies (run_id) values (run) on conflict do nothing;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, 0, request, '{}') on conflict do nothing;
end $$;

-- Writes where a step of a verify stands and what it found. False when the run is not the caller's any more; the same answer when repeated.
create or replace function lifeboat.checkpoint_verify(run uuid, run_epoch bigint, at_step integer, reached jsonb,
  found_there jsonb) returns boolean
language plpgsql set search_path = ''
as $$
begin
  perform from lifeboat.leases where run_id = run and epoch = run_epoch for update;
  if not found then
    return false;
  end if;
  insert into lifeboat.verify_steps (run_id, step, position, found) values (run, at_step, reached, found_there)
  on conflict (run_id, step) do update set position = excluded.position, found = excluded.found;
  return true;
end $$;

-- The verify whose invocations have all died and that can go on: its run and epoch. Keeps its lease for another minute, so
-- that it is neither closed nor answered twice while the next invocation starts.
create or replace function lifeboat.claim_dead_verify() returns table (run uuid, epoch text)
language sql set search_path = ''
as $$
  update lifeboat.leases l set expires_at = clock_timestamp() + interval '1 minute'
  where l.kind = 'verify' and l.expires_at <= clock_timestamp() and lifeboat.verify_can_go_on(l.run_id)
  returning l.run_id, l.epoch::text
$$;

-- Takes the step after the last checkpoint of a verify, if the run still has this epoch. Answers {"run", "epoch", "step", "attempts", "position", "lostSteps"}, or {"taken": true}.
create or replace function lifeboat.claim_verify_step(run uuid, known_epoch bigint, lease_ms integer) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- What all steps of a verify found, in their order.
create or replace function lifeboat.verify_found(run uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(s.found order by s.step), '[]') from lifeboat.verify_steps s where s.run_id = run and s.step > 0
$$;

-- The state of a verify, for an invocation that handed it over.
create or replace function lifeboat.watch_verify(run uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('running', h.status = 'running' and l.run_id is not null, 'epoch', l.epoch::text,
    'silentMs', extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000)
  from public.backup_history h
  left join lifeboat.leases l on l.run_id = h.id
  where h.id = run
$$;

-- Nothing of the private schema is for the API's roles; the service may call and read everything.
revoke all on lifeboat.open_uploads, lifeboat.open_points, lifeboat.live_dump_holders from public, anon, authenticated;
grant select on lifeboat.open_uploads, lifeboat.open_points, lifeboat.live_dump_holders to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;

reset check_function_bodies;
