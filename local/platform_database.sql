-- What hosted Supabase has in a database before a project's first migration, as far as npm's PostgreSQL can: roles and
-- their grants, the schema for extensions, and the rights of role `postgres` on the schemas that lite made.
-- Runs as supabase_admin after lite has started. May be repeated.

do $$
declare
  role text;
begin
  foreach role in array array['anon', 'authenticated', 'service_role', 'authenticator'] loop
    if not exists (select from pg_roles where rolname = role) then
      execute format('create role %I noinherit', role);
    end if;
  end loop;
end $$;
alter role service_role bypassrls;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant usage on schema public to anon, authenticated, service_role;

create schema if not exists extensions;
grant usage on schema extensions to public;
grant all on schema extensions to postgres;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
alter database postgres set search_path = "$user", public, extensions;

-- DML, but neither CREATE nor ALTER: these schemas are the platform's.
grant usage on schema auth, storage, supabase_migrations to postgres;
grant usage on schema auth to anon, authenticated, service_role;
grant all on all tables in schema auth, storage, supabase_migrations to postgres;
grant all on all sequences in schema auth, storage to postgres;
grant execute on all functions in schema auth, storage to postgres, anon, authenticated, service_role;
grant usage on schema storage to anon, authenticated, service_role;
grant all on all tables in schema storage to anon, authenticated, service_role;
grant create on schema supabase_migrations to postgres;

-- Lite stores these two as a JSON string inside jsonb; hosted Supabase, and everything that reads it, has objects.
create or replace function storage.local_unquote_metadata() returns trigger
language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.metadata) = 'string' then new.metadata := (new.metadata #>> '{}')::jsonb; end if;
  if jsonb_typeof(new.user_metadata) = 'string' then new.user_metadata := (new.user_metadata #>> '{}')::jsonb; end if;
  return new;
end $$;
create or replace trigger local_unquote_metadata before insert or update on storage.objects
  for each row execute function storage.local_unquote_metadata();
