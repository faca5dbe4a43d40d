-- A sample project in the shape of CollabHunts, a marketplace where brands book creators: what a generated Supabase
-- project looks like after a year. Everybody in it is invented. Runs once, as role postgres.

create extension if not exists citext with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists btree_gist with schema extensions;

create type public.app_role as enum ('admin', 'moderator', 'creator', 'brand');
create type public.booking_status as enum ('requested', 'accepted', 'in_progress', 'delivered', 'completed', 'cancelled', 'disputed');
create type public.campaign_status as enum ('draft', 'open', 'paused', 'closed');
create type public.media_kind as enum ('image', 'video', 'audio');
create type public.social_platform as enum ('instagram', 'tiktok', 'youtube', 'twitch', 'x', 'pinterest');
create type public.money_amount as (amount numeric(12, 2), currency char(3));
create domain public.percentage as numeric(5, 2) check (value between 0 and 100);

create function public.touch_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username extensions.citext not null unique check (username ~ '^[a-z0-9_]{3,40}$'),
  display_name text not null,
  avatar_path text,
  bio text,
  country char(2),
  languages text[] not null default '{}',
  preferences jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.user_roles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.app_role not null,
  created_at timestamptz not null default now(),
  unique (user_id, role)
);

create function public.has_role(_user_id uuid, _role public.app_role) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.user_roles where user_id = _user_id and role = _role)
$$;

create table public.categories (
  id serial primary key,
  parent_id integer references public.categories (id),
  slug text not null unique,
  name text not null,
  sort_order smallint not null default 0
);

create table public.creator_profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  headline text,
  hourly_rate numeric(10, 2) check (hourly_rate >= 0),
  engagement_rate public.percentage,
  location point,
  available_days boolean[] not null default '{t,t,t,t,t,f,f}',
  audience jsonb not null default '{}',
  search tsvector generated always as (to_tsvector('simple', coalesce(headline, ''))) stored,
  stripe_account_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.creator_categories (
  creator_id uuid references public.creator_profiles (id) on delete cascade,
  category_id integer references public.categories (id) on delete restrict,
  primary key (creator_id, category_id)
);

create table public.brand_profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  company_name text not null,
  logo_path text,
  website text,
  vat_id text,
  billing jsonb,
  created_at timestamptz not null default now()
);

create table public.social_accounts (
  id bigint generated always as identity primary key,
  creator_id uuid not null references public.creator_profiles (id) on delete cascade,
  platform public.social_platform not null,
  handle text not null,
  followers bigint not null default 0,
  verified boolean not null default false,
  fetched_at timestamptz,
  unique (creator_id, platform)
);

create table public.creator_services (
  id uuid primary key default gen_random_uuid(),
  creator_id uuid not null references public.creator_profiles (id) on delete cascade,
  title text not null,
  price public.money_amount not null,
  delivery interval not null default '7 days',
  extras jsonb[] not null default '{}',
  active boolean not null default true,
  created_at timestamptz not null default now()
);

create table public.portfolio_media (
  id uuid primary key default gen_random_uuid(),
  creator_id uuid not null references public.creator_profiles (id) on delete cascade,
  kind public.media_kind not null,
  storage_path text,
  mux_asset_id text,
  mux_playback_id text,
  width integer,
  height integer,
  position smallint not null default 0,
  created_at timestamptz not null default now()
);

create table public.campaigns (
  id uuid primary key default gen_random_uuid(),
  brand_id uuid not null references public.brand_profiles (id) on delete cascade,
  category_id integer references public.categories (id),
  title text not null,
  brief text,
  budget numrange not null,
  runs daterange not null,
  status public.campaign_status not null default 'draft',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.campaign_applications (
  campaign_id uuid references public.campaigns (id) on delete cascade,
  creator_id uuid references public.creator_profiles (id) on delete cascade,
  pitch text,
  offer numeric(10, 2),
  accepted boolean,
  created_at timestamptz not null default now(),
  primary key (campaign_id, creator_id)
);

create sequence public.booking_number start 10001;

create table public.bookings (
  id uuid primary key default gen_random_uuid(),
  number bigint not null unique default nextval('public.booking_number'),
  creator_id uuid not null references public.creator_profiles (id),
  brand_id uuid not null references public.brand_profiles (id),
  service_id uuid references public.creator_services (id) on delete set null,
  campaign_id uuid references public.campaigns (id) on delete set null,
  status public.booking_status not null default 'requested',
  total numeric(12, 2) not null,
  fee numeric(12, 2) generated always as (round(total * 0.10, 2)) stored,
  due_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter sequence public.booking_number owned by public.bookings.number;

create table public.booking_deliverables (
  id uuid primary key default gen_random_uuid(),
  booking_id uuid not null references public.bookings (id) on delete cascade,
  title text not null,
  r2_key text,
  r2_url text,
  mime_type text,
  size_bytes bigint,
  approved boolean not null default false,
  uploaded_at timestamptz
);

create table public.content_library (
  id uuid primary key default gen_random_uuid(),
  brand_id uuid not null references public.brand_profiles (id) on delete cascade,
  deliverable_id uuid references public.booking_deliverables (id) on delete set null,
  file_name text not null,
  r2_key text,
  r2_url text,
  mime_type text,
  size_bytes bigint,
  tags text[] not null default '{}',
  rights_until date,
  created_at timestamptz not null default now()
);

create table public.conversations (
  id bigserial primary key,
  booking_id uuid unique references public.bookings (id) on delete cascade,
  subject text,
  created_at timestamptz not null default now()
);

create table public.messages (
  id bigserial primary key,
  conversation_id bigint not null references public.conversations (id) on delete cascade,
  sender_id uuid not null references public.profiles (id),
  reply_to bigint references public.messages (id),
  body text not null,
  attachments jsonb,
  read_at timestamptz,
  created_at timestamptz not null default now()
);

create table public.reviews (
  booking_id uuid primary key references public.bookings (id) on delete cascade,
  author_id uuid not null references public.profiles (id),
  rating smallint not null check (rating between 1 and 5),
  body text,
  created_at timestamptz not null default now()
);

create table public.payments (
  id uuid primary key default gen_random_uuid(),
  booking_id uuid not null references public.bookings (id),
  provider_reference text not null unique,
  amount numeric(12, 2) not null,
  currency char(3) not null default 'EUR',
  exchange_rate numeric(24, 12),
  captured_at timestamptz,
  raw_event json
);

create table public.payouts (
  id bigint generated by default as identity primary key,
  creator_id uuid not null references public.creator_profiles (id),
  amount numeric(12, 2) not null,
  period tstzrange not null,
  paid_at timestamptz,
  exclude using gist (creator_id with =, period with &&)
);

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null,
  payload jsonb not null,
  seen boolean not null default false,
  created_at timestamptz not null default now()
);

create table public.favorites (
  user_id uuid references public.profiles (id) on delete cascade,
  creator_id uuid references public.creator_profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, creator_id)
);

create table public.blog_posts (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique,
  title text not null,
  body text not null,
  author_id uuid references public.profiles (id) on delete set null,
  published_on date
);

create table public.job_applications (
  id uuid primary key default gen_random_uuid(),
  position text not null,
  applicant text not null,
  cv_path text,
  answers jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table public.platform_settings (
  key text primary key,
  value jsonb not null,
  "Last changed by" uuid,
  changed_at timestamptz not null default now()
);

-- No primary key, on purpose: such tables exist.
create table public.page_views (
  path text not null,
  visitor inet,
  checksum bytea,
  viewed_at timestamptz not null
);

create table public.audit_log (
  id bigint generated always as identity,
  actor_id uuid,
  action text not null,
  details jsonb,
  happened_at timestamptz not null,
  primary key (id, happened_at)
) partition by range (happened_at);
create table public.audit_log_2025 partition of public.audit_log for values from ('2025-01-01') to ('2026-01-01');
create table public.audit_log_2026 partition of public.audit_log for values from ('2026-01-01') to ('2027-01-01');
create table public.audit_log_other partition of public.audit_log default;

create index on public.bookings (creator_id, status);
create index on public.bookings (brand_id) where status <> 'cancelled';
create index on public.messages (conversation_id, created_at desc);
create index on public.notifications (user_id) where not seen;
create index on public.profiles using gin (display_name extensions.gin_trgm_ops);
create index on public.creator_profiles using gin (search);
create index on public.content_library using gin (tags);
create index on public.blog_posts (lower(title));

create trigger touch_profiles before update on public.profiles
  for each row execute function public.touch_updated_at();
create trigger touch_creator_profiles before update on public.creator_profiles
  for each row execute function public.touch_updated_at();
create trigger touch_campaigns before update on public.campaigns
  for each row execute function public.touch_updated_at();
create trigger touch_bookings before update on public.bookings
  for each row execute function public.touch_updated_at();

-- A trigger with an effect: restoring data must not fire it.
create function public.notify_booking() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.notifications (user_id, kind, payload)
  select user_id, 'booking', jsonb_build_object('booking', new.id, 'status', new.status)
  from public.creator_profiles where id = new.creator_id;
  return null;
end $$;

create view public.creator_directory with (security_invoker = true) as
  select c.id, p.username, p.display_name, c.headline, c.hourly_rate,
    (select sum(s.followers) from public.social_accounts s where s.creator_id = c.id) as followers
  from public.creator_profiles c join public.profiles p on p.id = c.user_id;

create materialized view public.category_figures as
  select g.id, g.name, count(cc.creator_id) as creators
  from public.categories g left join public.creator_categories cc on cc.category_id = g.id
  group by g.id;
create unique index on public.category_figures (id);

create function public.search_creators(term text) returns setof public.creator_directory
language sql stable set search_path = '' as $$
  select * from public.creator_directory where display_name ilike '%' || term || '%' order by followers desc nulls last
$$;

comment on table public.bookings is 'A brand books a creator''s service.';
comment on column public.bookings.fee is 'The platform''s share, 10 %.';
comment on type public.booking_status is 'In the order in which a booking passes through them.';
