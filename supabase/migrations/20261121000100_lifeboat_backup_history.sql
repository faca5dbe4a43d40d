-- The history that admins read, who an admin is, and the private schema behind both. May be applied again.

-- Another product's table of this name must not be mistaken for ours.
do $$
begin
  if to_regclass('public.backup_history') is not null and not exists (
    select from pg_attribute
    where attrelid = to_regclass('public.backup_history') and attname = 'recovery_point' and not attisdropped
  ) then
    raise exception 'public.backup_history exists and is not Lifeboat''s.'
      using hint = 'Rename it, then apply the migrations again.';
  end if;
end $$;

create table if not exists public.backup_history (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('database', 'media', 'verify', 'drill', 'restore')),
  status text not null check (status in ('running', 'success', 'partial', 'failed', 'cancelled', 'damaged')),
  trigger text not null check (trigger in ('cron', 'manual', 'api')),
  -- No foreign key: the history outlives the admin's account.
  triggered_by uuid,
  label text,
  pinned boolean not null default false,
  project text not null,
  recovery_point text not null check (recovery_point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'),
  started_at timestamptz not null,
  finished_at timestamptz,
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
  email_status text check (email_status in ('pending', 'sent', 'failed', 'off')),
  email_error text,
  created_at timestamptz not null default now(),
  check ((status = 'running') = (finished_at is null))
);

comment on table public.backup_history is
  'One row a run of Lifeboat. Admins read it; only the service writes it.';

create index if not exists backup_history_started_at
  on public.backup_history (started_at desc, id desc);
create index if not exists backup_history_kind_started_at
  on public.backup_history (kind, started_at desc, id desc);
create index if not exists backup_history_status_started_at
  on public.backup_history (status, started_at desc, id desc);
create index if not exists backup_history_recovery_point
  on public.backup_history (recovery_point);

alter table public.backup_history enable row level security;

-- New public tables get no grants on their own since 2026-10-30, and got too many before.
revoke all on public.backup_history from public, anon, authenticated, service_role;
grant select on public.backup_history to authenticated;
grant select, insert, update, delete on public.backup_history to service_role;

-- A project's own has_role(uuid, …) is used as it stands, whatever its parameters are called and whatever type a role
-- has: hence positional arguments and a bare literal. Only where there is none does Lifeboat bring its own.
drop policy if exists "Admins read the backup history" on public.backup_history;
do $$
declare
  policy constant text := $policy$
    create policy "Admins read the backup history" on public.backup_history for select to authenticated
      using ((select public.has_role((select auth.uid()), 'admin')))
  $policy$;
begin
  begin
    execute policy;
    return;
  exception when undefined_function then
    null;
  end;

  if to_regtype('public.app_role') is null then
    create type public.app_role as enum ('admin', 'user');
  end if;

  if to_regclass('public.user_roles') is null then
    create table public.user_roles (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references auth.users (id) on delete cascade,
      role public.app_role not null,
      created_at timestamptz not null default now(),
      unique (user_id, role)
    );
    alter table public.user_roles enable row level security;
    revoke all on public.user_roles from public, anon, authenticated, service_role;
    grant select on public.user_roles to authenticated;
    grant select, insert, update, delete on public.user_roles to service_role;
    create policy "Users read their own roles" on public.user_roles for select to authenticated
      using (user_id = (select auth.uid()));
  end if;

  -- Compared as text: the role column of a table that was there before may be of any type.
  create function public.has_role(_user_id uuid, _role public.app_role) returns boolean
  language sql stable security definer set search_path = ''
  as $body$
    select exists (
      select from public.user_roles where user_id = _user_id and role::text = _role::text
    )
  $body$;
  revoke all on function public.has_role(uuid, public.app_role) from public, anon;
  grant execute on function public.has_role(uuid, public.app_role) to authenticated, service_role;

  execute policy;
exception when others then
  raise notice 'Lifeboat: nobody can read public.backup_history through the API yet, because this project''s roles could not be used: %', sqlerrm
    using hint = 'Provide public.has_role(user, role) that knows the role admin, then apply this migration again.';
end $$;

-- What runs need to remember. Not exposed by the API.
create schema if not exists lifeboat;
comment on schema lifeboat is 'Private bookkeeping of Lifeboat. Not for the API.';
revoke all on schema lifeboat from public, anon, authenticated;
grant usage on schema lifeboat to service_role;

create table if not exists lifeboat.settings (
  singleton boolean primary key default true check (singleton),
  -- Five fields as cron has them, in UTC. Null: not scheduled.
  database_schedule text default '17 2 * * *',
  maintenance_schedule text default '*/10 * * * *',
  verify_schedule text default '23 4 * * 0',
  -- A point whose media run is still open so long after the dump is reported without it.
  settle_after interval not null default '6 hours' check (settle_after > interval '0'),
  -- Age of the newest good dump from which an alert goes out.
  overdue_after interval not null default '26 hours' check (overdue_after > interval '0'),
  email_attempts integer not null default 5 check (email_attempts > 0),
  media_attempts integer not null default 3 check (media_attempts > 0),
  installed_at timestamptz not null default now()
);
insert into lifeboat.settings default values on conflict do nothing;

-- One run of a kind at a time. The epoch grows with each holder, so that a run that was taken over is known by its own.
create table if not exists lifeboat.leases (
  kind text primary key,
  epoch bigint not null default 0,
  run_id uuid references public.backup_history (id) on delete set null,
  heartbeat_at timestamptz,
  expires_at timestamptz
);

create table if not exists lifeboat.runs (
  run_id uuid primary key references public.backup_history (id) on delete cascade,
  epoch bigint not null,
  cancel_requested_at timestamptz,
  -- An open multipart upload whose parts cost money until somebody gives them back.
  upload_key text,
  upload_id text,
  check ((upload_key is null) = (upload_id is null))
);
create index if not exists runs_upload on lifeboat.runs (run_id) where upload_id is not null;

create table if not exists lifeboat.recovery_points (
  project text not null,
  point text not null check (point ~ '^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$'),
  opened_at timestamptz not null default clock_timestamp(),
  database_run uuid references public.backup_history (id) on delete set null,
  media_run uuid references public.backup_history (id) on delete set null,
  -- Starts of the media run since one last got something done, and what was left then.
  media_attempts integer not null default 0,
  media_left bigint,
  media_claimed_until timestamptz,
  media_error text,
  settled_at timestamptz,
  -- [{"half": "media", "reason": "…"}], empty when both halves had ended.
  unsettled jsonb not null default '[]',
  email_status text check (email_status in ('pending', 'sent', 'failed', 'off')),
  email_attempts integer not null default 0,
  email_claim uuid,
  email_claimed_until timestamptz,
  email_error text,
  email_id text,
  primary key (project, point)
);
create index if not exists recovery_points_database_run on lifeboat.recovery_points (database_run);
create index if not exists recovery_points_media_run on lifeboat.recovery_points (media_run);
create index if not exists recovery_points_open on lifeboat.recovery_points (point)
  where settled_at is null or email_status in ('pending', 'failed');

-- Alerts that no run owns, each sent at most once a day.
create table if not exists lifeboat.alerts (
  name text primary key,
  claim uuid,
  claimed_until timestamptz,
  sent_at timestamptz,
  error text
);

revoke all on all tables in schema lifeboat from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema lifeboat to service_role;
