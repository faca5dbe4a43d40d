-- One media run, several invocations: who works on it, who may join, and who goes on when one or all of them have died.
-- Locks are taken in the order lease, history, recovery point, workers. May be applied again.

-- How many invocations may copy at once, where the platform runs them in several workers: a second one in the same worker
-- would share its CPU and does not join. The queue says how many are worth it.
alter table lifeboat.settings add column if not exists media_workers integer not null default 2
  check (media_workers between 1 and 32);

-- A point whose media were asked for while another point's run was at work, which takes it next.
alter table lifeboat.recovery_points add column if not exists media_queued_at timestamptz;
-- How often its run was taken up after all had died, since it last moved forward (lifeboat.media_points.steps).
alter table lifeboat.recovery_points add column if not exists media_revivals integer not null default 0;
alter table lifeboat.recovery_points add column if not exists media_steps bigint not null default -1;

-- Invocations of running media runs. One that was hired and never came, or was not seen for a minute, does not count.
create table if not exists lifeboat.media_workers (
  worker uuid primary key,
  run_id uuid not null references public.backup_history (id) on delete cascade,
  joined_at timestamptz,
  seen_at timestamptz not null default clock_timestamp()
);
create index if not exists media_workers_run on lifeboat.media_workers (run_id);

-- Begins a media run with `worker` as its first invocation, or takes up the point's run after everybody died. Answers
-- {"run", "epoch"} as start_run does, {"running"} or {"unknownPoint"} as it does, or {"queued": id} when another point's
-- run is at work, which will take this one next.
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
    answer := jsonb_build_object('run', to_jsonb(held_run), 'epoch', held.epoch::text);
  else
    answer := lifeboat.start_run(request, lease_ms);
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

-- Lets a hired invocation in, once. Answers {"run", "epoch"}, or null when it was not hired, came twice, or the run is over.
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
    select jsonb_build_object('run', to_jsonb(h), 'epoch', held.epoch::text)
    from public.backup_history h where h.id = join_media.run
  );
end $$;

create or replace function lifeboat.see_media_worker(worker uuid) returns void
language sql set search_path = ''
as $$
  update lifeboat.media_workers w set seen_at = clock_timestamp() where w.worker = see_media_worker.worker
$$;

-- Hires as many invocations as the queue is worth, `unit_files` or `unit_bytes` for each, and at least one where the point
-- would be left to nobody. With `leaves` the caller is not counted any more. Answers the hired; each has to be called.
create or replace function lifeboat.hire_media_workers(run uuid, run_epoch bigint, own uuid, leaves boolean,
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

-- The point that a run which has ended leaves as the next, if one was asked for meanwhile.
create or replace function lifeboat.next_media_point(of_project text) returns text
language sql stable set search_path = ''
as $$
  select p.point from lifeboat.recovery_points p
  where p.project = of_project and p.media_queued_at is not null and p.media_run is null
  order by p.point limit 1
$$;

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

-- Points whose media run has nobody left and can go on. Each answer counts as a try.
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

alter table lifeboat.media_workers enable row level security;
revoke all on all tables in schema lifeboat from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema lifeboat to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
