-- What verify and the admin page need: what is known of each recovery point's bytes, who did what, and the overview. May
-- be applied again.

-- What the newest check of a recovery point said.
create table if not exists lifeboat.point_checks (
  project text not null,
  point text not null check (point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'),
  checked_at timestamptz not null,
  check_run uuid references public.backup_history (id) on delete set null,
  -- When a check last found everything it looked at whole. Null while something is known to be damaged.
  verified_at timestamptz,
  deep boolean not null,
  coverage jsonb not null,
  -- What was found damaged and not proved whole since: [{"half", "code", "key", "what", "reason"}].
  damage jsonb not null default '[]',
  -- What rows of the history said before they turned damaged, by their id.
  former jsonb not null default '{}',
  -- The email about damage: one each time a whole point turns out to be damaged.
  email_status text check (email_status in ('pending', 'sent', 'failed', 'off')),
  email_attempts integer not null default 0,
  email_claim uuid,
  email_claimed_until timestamptz,
  email_error text,
  primary key (project, point)
);
create index if not exists point_checks_check_run on lifeboat.point_checks (check_run);
create index if not exists point_checks_email on lifeboat.point_checks (point)
  where email_status in ('pending', 'failed');
revoke all on lifeboat.point_checks from public, anon, authenticated;
grant select, insert, update, delete on lifeboat.point_checks to service_role;

-- The newest run of each half of a point, and what is known to be damaged in it.
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
-- Rows of halves with damage turn damaged; rows of halves without become what they were.
create or replace function lifeboat.record_check(run uuid, of_project text, of_point text, result jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  known lifeboat.point_checks;
  half record;
  is_whole constant boolean := result -> 'damage' = '[]';
begin
  insert into lifeboat.point_checks as c (project, point, checked_at, check_run, deep, coverage)
  values (of_project, of_point, clock_timestamp(), run, (result ->> 'deep')::boolean, result -> 'coverage')
  on conflict (project, point) do update set checked_at = excluded.checked_at, check_run = excluded.check_run,
    deep = excluded.deep, coverage = excluded.coverage
  returning * into known;

  for half in
    select h.id, h.status, h.error_code, h.error_message, h.error_hint, result -> 'halves' -> h.kind as problem,
      known.former -> h.id::text as former
    from public.backup_history h
    where h.project = of_project and h.recovery_point = of_point and h.kind in ('database', 'media')
      and h.status in ('success', 'partial', 'damaged')
    for update
  loop
    if half.problem is not null then
      if half.status <> 'damaged' then
        known.former := known.former || jsonb_build_object(half.id, jsonb_build_object('status', half.status,
          'code', half.error_code, 'message', half.error_message, 'hint', half.error_hint));
      end if;
      update public.backup_history set status = 'damaged', error_code = half.problem ->> 'code',
        error_message = half.problem ->> 'message', error_hint = half.problem ->> 'hint'
      where id = half.id;
    elsif half.former is not null then
      known.former := known.former - half.id::text;
      update public.backup_history set status = half.former ->> 'status', error_code = half.former ->> 'code',
        error_message = half.former ->> 'message', error_hint = half.former ->> 'hint'
      where id = half.id;
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

-- Who did what. Rows are only ever added.
create table if not exists public.backup_audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- Null: the service itself (cron, another function, the command line). No foreign key: the log outlives the account.
  actor uuid,
  action text not null,
  -- The run or key that it was done to.
  target text,
  details jsonb not null default '{}'
);
comment on table public.backup_audit_log is 'Who did what with backups. Admins read it; nobody changes it.';
create index if not exists backup_audit_log_at on public.backup_audit_log (at desc, id desc);

alter table public.backup_audit_log enable row level security;
revoke all on public.backup_audit_log from public, anon, authenticated, service_role;
grant select on public.backup_audit_log to authenticated;
grant select, insert on public.backup_audit_log to service_role;
drop policy if exists "Admins read the audit log" on public.backup_audit_log;
do $$
begin
  create policy "Admins read the audit log" on public.backup_audit_log for select to authenticated
    using ((select public.has_role((select auth.uid()), 'admin')));
exception when others then
  raise notice 'Lifeboat: nobody can read public.backup_audit_log through the API yet, because this project''s roles could not be used: %', sqlerrm
    using hint = 'Provide public.has_role(user, role) that knows the role admin, then apply this migration again.';
end $$;

-- Grants do not bind the owner of the table, which the functions connect as.
create or replace function lifeboat.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception 'Entries of % are never changed or deleted.', tg_relid::regclass using errcode = 'insufficient_privilege';
end $$;
drop trigger if exists refuse_change on public.backup_audit_log;
create trigger refuse_change before update or delete or truncate on public.backup_audit_log
  for each statement execute function lifeboat.refuse_change();

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
drop trigger if exists log_run on public.backup_history;
create trigger log_run after insert on public.backup_history for each row execute function lifeboat.log_run();

-- Sets label and pin of a run; both halves of a recovery point always have the same. Null: no such run.
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

-- What the page's overview shows, but for the next run, which takes somebody who understands cron's expressions.
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

revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
