-- A dump by a chain of invocations: what one carries to the next, and who holds the snapshot meanwhile. Locks are taken
-- in the order lease, history, dump. May be applied again.

create table if not exists lifeboat.dumps (
  run_id uuid primary key references public.backup_history (id) on delete cascade,
  -- The step that is at work, from 1, and how often it was begun.
  step integer not null default 1,
  attempts integer not null default 1,
  -- Its worker failed and leaves it to another, which a holder of the snapshot starts.
  given_back boolean not null default false,
  -- What stays the same for all steps: the catalogue above all. json and not jsonb: a manifest that is written twice has
  -- to be the same byte for byte.
  frame json,
  -- When another run was started in the place of this failed one.
  restarted_at timestamptz
);

-- What stands at the end of each step. The next begins there, and so does its replacement.
create table if not exists lifeboat.dump_steps (
  run_id uuid not null references lifeboat.dumps (run_id) on delete cascade,
  step integer not null,
  position json not null,
  -- Members, parts, tables and ledger of this step alone.
  done json not null,
  -- Bytes of the unfinished upload part; of the newest step only.
  rest bytea,
  primary key (run_id, step)
);

-- Sessions that hold the snapshot. A row is believed only while its backend is alive.
create table if not exists lifeboat.dump_holders (
  run_id uuid not null references lifeboat.dumps (run_id) on delete cascade,
  step integer not null,
  worker uuid not null,
  snapshot text not null,
  pid integer not null,
  backend_start timestamptz not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (run_id, pid, backend_start)
);

alter table lifeboat.dump_steps alter column rest set storage external;

-- A session whose transaction has ended or broken has given its locks back.
create or replace view lifeboat.live_dump_holders with (security_invoker = true) as
select h.* from lifeboat.dump_holders h
join pg_stat_activity a on a.pid = h.pid and a.backend_start = h.backend_start
where coalesce(a.state, '') not in ('idle', 'idle in transaction (aborted)');

-- Notes that a dump has begun, and forgets what ended ones carried.
create or replace function lifeboat.begin_dump(run uuid, holder jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from lifeboat.dump_steps s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  delete from lifeboat.dump_holders s using public.backup_history h where h.id = s.run_id and h.status <> 'running';
  insert into lifeboat.dumps (run_id) values (run) on conflict do nothing;
  perform lifeboat.add_dump_holder(run, 1, holder);
end $$;

create or replace function lifeboat.add_dump_holder(run uuid, at_step integer, holder jsonb) returns void
language sql set search_path = ''
as $$
  insert into lifeboat.dump_holders (run_id, step, worker, snapshot, pid, backend_start)
  values (run, at_step, (holder ->> 'worker')::uuid, holder ->> 'snapshotId', (holder ->> 'pid')::integer,
    (holder ->> 'backendStart')::timestamptz)
  on conflict do nothing
$$;

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

drop function if exists lifeboat.claim_dump_step(uuid, bigint, integer, jsonb);

-- Takes the step after `known_step`, if the run still has this epoch: raises it, so that whoever held it cannot write any
-- more. The caller holds the snapshot and the locks already. Answers {"run", "epoch", "step", "upload"}; {"taken": true}
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
  upload text;
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
  update lifeboat.leases
  set epoch = epoch + 1, heartbeat_at = clock_timestamp(),
    expires_at = clock_timestamp() + make_interval(secs => lease_ms / 1000.0)
  where run_id = run;
  update lifeboat.dumps d
  set attempts = case when d.step = last_step + 1 then d.attempts + 1 else 1 end, step = last_step + 1,
    given_back = false
  where d.run_id = run
  returning * into state;
  perform lifeboat.add_dump_holder(run, state.step, holder);
  update lifeboat.runs set epoch = known_epoch + 1 where run_id = run returning upload_id into upload;
  return jsonb_build_object('run', to_jsonb(history), 'epoch', (known_epoch + 1)::text, 'step', state.step,
    'upload', upload);
end $$;

-- Leaves a step that failed to whoever else holds the snapshot. False when nobody does, the step was tried too often
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

-- How a run stands, for a worker that holds its snapshot and works no more.
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

revoke all on all tables in schema lifeboat from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema lifeboat to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
