-- A schema as an owner of a hosted project makes it: with role postgres, which is no superuser.
create type public.booking_status as enum ('open', 'paid');
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  name text not null,
  avatar text,
  created_at timestamptz not null default now()
);
create table public.bookings (
  id bigint generated always as identity primary key,
  profile uuid not null references public.profiles,
  status public.booking_status not null default 'open',
  price numeric(12, 2) check (price >= 0)
);
create table public.closed (id serial primary key, secret text);
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, name) values (new.id, coalesce(new.raw_user_meta_data ->> 'name', new.email));
  return new;
end $$;
revoke execute on function public.handle_new_user() from public, anon, authenticated;
create trigger on_auth_user_created after insert on auth.users for each row execute function public.handle_new_user();
create view public.paid with (security_invoker = true) as select b.*, p.name from public.bookings b join public.profiles p on p.id = b.profile where b.status = 'paid';
create materialized view public.totals as select profile, sum(price) as total from public.bookings group by profile;
alter table public.profiles enable row level security;
alter table public.bookings enable row level security;
alter table public.closed enable row level security;
create policy "Anyone may look" on public.profiles for select using (true);
create policy "Own bookings" on public.bookings to authenticated using (profile = auth.uid()) with check (profile = auth.uid());
grant select on public.profiles to anon, authenticated;
grant select, insert, update on public.bookings to authenticated;
grant all on all tables in schema public to service_role;
revoke all on public.closed from anon, authenticated;
grant usage on sequence public.closed_id_seq to service_role;
alter default privileges in schema public grant all on tables to service_role;
create role reporting nologin;
grant reporting to authenticator;
grant usage on schema public to reporting;
grant select on public.totals to reporting;
create role app_owner nologin;
grant app_owner to postgres;
grant usage, create on schema public to app_owner;
alter table public.closed owner to app_owner;
create publication supabase_realtime;
alter publication supabase_realtime add table public.bookings;
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text, created_by text, idempotency_key text unique);
insert into supabase_migrations.schema_migrations (version, name) values ('20261101000000', 'first');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-000000000001', 'ada@example.com');
insert into public.bookings (profile, price) select id, 12.50 from public.profiles;
