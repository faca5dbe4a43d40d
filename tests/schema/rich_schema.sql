-- One of everything that a backup must rebuild on PostgreSQL 15 to 18. Applied by a superuser to a database that has the
-- restore preamble. Roles are shared by all databases of a server, hence the guards.

do $$
begin
  if not exists (select from pg_roles where rolname = 'App Owner') then
    create role "App Owner" nologin;
    create role app_reader login password 'not to be seen';
    create role app_writer noinherit;
    grant app_reader to app_writer with admin option;
    grant app_reader to authenticator;
    grant pg_read_all_data to app_reader;
    alter role app_reader set statement_timeout = '5s';
  end if;
end $$;
grant "App Owner" to postgres;
do $$ begin
  execute format('alter database %I set timezone to ''Europe/Berlin''', current_database());
  execute format('alter database %I set app.settings.key to ''very secret''', current_database());
end $$;

create schema app;
create schema "Odd Schema" authorization "App Owner";
create schema größe;
create schema private;
create extension hstore with schema extensions;
create extension citext with schema public;
create extension pg_trgm with schema extensions;
create extension btree_gist with schema extensions;

-- Types -------------------------------------------------------------------------------------------------------------
create type app.mood as enum ('sad', 'it''s ok', 'back\slash', 'glücklich');
alter type app.mood add value 'first' before 'sad';
create type app.empty_enum as enum ();
create type app.address as (street text, "House No" integer, tags text[], country char(2));
create type app.nested as (home app.address, others app.address[], collated text collate "C");
create type app.no_columns as ();
create collation app.german (provider = libc, locale = 'C');
create collation app.numeric_order (provider = icu, locale = 'en-u-kn-true');
create collation app.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create function app.is_even(n integer) returns boolean language sql immutable as 'select n % 2 = 0';
create domain app.even as integer default 2 constraint "Is Even?" check (app.is_even(value));
create domain app.email as public.citext constraint has_at check (value ~ '@') not null;
create domain app.short as varchar(10) collate "C" default 'x'''' y';
create domain app.evens as app.even[] check (array_length(value, 1) < 10);
alter domain app.even add constraint small check (value < 1000) not valid;
create function app.on_domain(d app.even) returns boolean language sql immutable as 'select true';
alter domain app.even add constraint odd_circle check (app.on_domain(value));
create function app.float_distance(a double precision, b double precision) returns double precision
  language sql immutable as 'select a - b';
create type app.float_range as range (subtype = double precision, subtype_diff = app.float_distance,
  multirange_type_name = app."Float Multirange");
create type app.text_range as range (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
comment on type app.mood is 'It''s a mood \ with a backslash';
comment on column app.address."House No" is 'number';
comment on constraint "Is Even?" on domain app.even is 'domain check';
comment on domain app.email is 'a domain';
grant usage on type app.mood to app_reader;
revoke usage on type app.address from public;

-- Functions ---------------------------------------------------------------------------------------------------------
create function app.plain(a integer, b text default 'x;y', variadic c integer[] default '{}') returns text
  language plpgsql stable security definer set search_path = '' set work_mem = '1MB' cost 7 parallel safe as $body$
begin
  return $x$ $body $ ; \ :name :'quoted' $x$;
end $body$;
create function app."Quoted ""fn"""(out x integer, inout y text, "In Arg" app.mood default 'sad') language sql as 'select 1, $1';
create function app.many() returns table (id bigint, "größe" text) language sql rows 5 strict leakproof as 'select 1, ''a''';
create procedure app.work(inout a integer) language plpgsql as $$ begin commit; a := 2; end $$;
create function app.trigger_function() returns trigger language plpgsql as $$ begin return new; end $$;
create function app.event_function() returns event_trigger language plpgsql as $$ begin null; end $$;
create function app.next_code() returns text language sql volatile as $$ select 'code' $$;
create function app.text_to_mood(text) returns app.mood language sql immutable as $$ select 'sad'::app.mood $$;
create function app.add_state(numeric, numeric) returns numeric language sql immutable as 'select $1 + $2';
create function app.final_state(numeric) returns text language sql immutable as 'select $1::text';
create aggregate app.total(numeric) (sfunc = app.add_state, stype = numeric, finalfunc = app.final_state,
  combinefunc = app.add_state, initcond = '0', msfunc = app.add_state, minvfunc = app.add_state, mstype = numeric,
  mfinalfunc = app.final_state, minitcond = '0', parallel = safe);
create aggregate app.counted(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create aggregate app.median_like(double precision order by anyelement) (sfunc = ordered_set_transition, stype = internal,
  finalfunc = percentile_disc_final, finalfunc_extra, finalfunc_modify = read_only);
comment on aggregate app.total(numeric) is 'adds';
comment on function app.is_even(integer) is 'even?';
comment on procedure app.work(integer) is 'works';
revoke execute on function app.is_even(integer) from public;
grant execute on function app.is_even(integer) to app_reader with grant option;
grant execute on procedure app.work(integer) to "App Owner";
alter function app.many() owner to "App Owner";

create function app.address_equal(app.address, app.address) returns boolean language sql immutable as 'select $1 is not distinct from $2';
create function app.address_differ(app.address, app.address) returns boolean language sql immutable as 'select $1 is distinct from $2';
create operator app.=== (function = app.address_equal, leftarg = app.address, rightarg = app.address,
  commutator = operator(app.===), negator = operator(app.!==), restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator app.!== (function = app.address_differ, leftarg = app.address, rightarg = app.address,
  commutator = operator(app.!==), negator = operator(app.===));
create operator app.!! (function = app.is_even, rightarg = integer);
comment on operator app.=== (app.address, app.address) is 'same';
create cast (text as app.mood) with function app.text_to_mood(text) as assignment;
create cast (app.address as text) with inout;
comment on cast (text as app.mood) is 'a cast';
create conversion app.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;

-- Text search -------------------------------------------------------------------------------------------------------
create text search dictionary app.stemmer (template = snowball, language = 'english', stopwords = 'english');
create text search configuration app.search (parser = default);
alter text search configuration app.search add mapping for asciiword, word with app.stemmer, simple;
alter text search configuration app.search add mapping for int with simple;
comment on text search configuration app.search is 'searches';

-- Tables ------------------------------------------------------------------------------------------------------------
create sequence app.plain_sequence as smallint increment by -3 minvalue -100 maxvalue 50 start with 20 cache 4 cycle;
select nextval('app.plain_sequence');
create sequence app."Never Used";
create unlogged sequence app.unlogged_sequence;
grant usage on sequence app."Never Used" to app_reader;

create table app.people (
  id bigint generated always as identity (start with 100 increment by 5) primary key,
  code text default app.next_code(),
  email app.email,
  mood app.mood not null default 'sad',
  home app.address,
  attributes extensions.hstore default ''::extensions.hstore,
  born date check (born > '1800-01-01'),
  full_name text generated always as (upper(code)) stored,
  score numeric(10, 2) default 0.5 constraint positive_score check (score >= 0),
  bio text compression pglz collate "de-x-icu",
  picture bytea,
  manager bigint references app.people deferrable initially deferred,
  "select" integer unique nulls not distinct,
  constraint code_and_score unique (code, score) include (born) with (fillfactor = 80) deferrable,
  constraint no_overlap exclude using gist (manager with =, daterange(born, born + 1) with &&) where (born is not null)
) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 77);
alter table app.people drop column picture;
alter table app.people add column picture bytea;
alter table app.people alter column picture set storage external, alter column code set statistics 500,
  alter column mood set (n_distinct = -0.5, n_distinct_inherited = 10);
alter table app.people add constraint not_checked_yet check (length(code) < 5000) not valid;
alter table app.people replica identity full;
alter table app.people cluster on people_pkey;
insert into app.people (email, code, born, "select") values ('ada@example.com', 'a', '1990-01-02', 1), ('bob@example.com', 'b', '1991-02-03', 2);

create table app.serials (a serial primary key, b bigserial, c smallserial);
insert into app.serials default values;
create unlogged table app.unlogged (v text);
create table app.no_columns_at_all ();
create table app.of_type of app.address ("House No" with options not null default 7, primary key (street));
create table app.of_type_bare of app.address;
create table app.quiet (id integer primary key, other integer) ;
create unique index quiet_other on app.quiet (other);
alter table app.quiet alter column other set not null;
alter table app.quiet replica identity using index quiet_other;
create table "Odd Schema"."Tab.le ""q"" größe 'x' \ $$" (
  "primary" integer constraint "Key of it" primary key,
  "Col ""umn" text default 'it''s \ ; $$',
  "空白 " app.mood[] default array['sad', 'it''s ok']::app.mood[],
  "a123456789b123456789c123456789d123456789e123456789f123456789xyz" integer check ("a123456789b123456789c123456789d123456789e123456789f123456789xyz" > 0)
);
comment on table "Odd Schema"."Tab.le ""q"" größe 'x' \ $$" is 'odd';
comment on column "Odd Schema"."Tab.le ""q"" größe 'x' \ $$"."Col ""umn" is 'odd column';
comment on constraint "Key of it" on "Odd Schema"."Tab.le ""q"" größe 'x' \ $$" is 'odd key';
alter table "Odd Schema"."Tab.le ""q"" größe 'x' \ $$" owner to "App Owner";
create table größe."table" ("order" bigint generated by default as identity (sequence name größe."Sequence of it"), "user" text);
create index "Index "" odd" on "Odd Schema"."Tab.le ""q"" größe 'x' \ $$" (lower("Col ""umn"), "primary" desc nulls last) where "primary" > 5;

-- Inheritance and partitions
create table app.animals (id integer not null default 1, name text default 'nobody', legs integer check (legs >= 0), constraint not_inherited check (id > 0) no inherit);
create table app.named (label text default 'none' constraint label_length check (length(label) < 100));
create table app.dogs (breed text, name text default 'rex' not null) inherits (app.animals, app.named);
alter table app.dogs alter column legs set default 4;
alter table app.dogs alter column legs set not null;
alter table app.dogs alter column id drop default;
alter table app.dogs add constraint legs_of_dogs check (legs < 10);
create table app.puppies (age integer) inherits (app.dogs);
create table app.own_and_inherited (legs integer check (legs >= 0)) inherits (app.animals);

create table app.events (id bigint not null, at timestamptz not null, kind text default 'x', payload jsonb, primary key (id, at)) partition by range (at);
create table app.events_2025 partition of app.events for values from ('2025-01-01') to ('2026-01-01');
create table app.events_old (kind text default 'old', payload jsonb, at timestamptz not null, id bigint not null, constraint "own key" primary key (id, at));
alter table app.events attach partition app.events_old for values from (minvalue) to ('2025-01-01');
create table app.events_rest partition of app.events default partition by hash (id);
create table app.events_rest_0 partition of app.events_rest for values with (modulus 2, remainder 0);
create table app.events_rest_1 partition of app.events_rest for values with (modulus 2, remainder 1);
create index events_kind on app.events (kind) where kind <> '';
alter table app.events add constraint has_kind check (kind <> 'no');
create table app.regions (name text, c app.mood) partition by list (c);
create table app.regions_sad partition of app.regions for values in ('sad', null);
create table app.regions_only partition of app.regions for values in ('first');
create index regions_name on only app.regions (name);
create table app.by_expression (a integer, b text) partition by range ((a + 1), lower(b) collate "C");
create table app.event_notes (id integer primary key, event_id bigint, event_at timestamptz, foreign key (event_id, event_at) references app.events on delete cascade);
create table app.event_links (event_id bigint, event_at timestamptz, person bigint references app.people) partition by hash (event_id);
create table app.event_links_0 partition of app.event_links for values with (modulus 1, remainder 0);
alter table app.event_links add constraint to_event foreign key (event_id, event_at) references app.events match full on update cascade on delete set null (event_id);
alter table app.people add constraint to_serial foreign key ("select") references app.serials not valid;
insert into app.events (id, at, kind) select n, '2024-06-01'::timestamptz + n * interval '100 days', 'k' || n from generate_series(1, 20) n;

-- Circles -----------------------------------------------------------------------------------------------------------
create table app.rows (id integer primary key, label text);
create function app.row_label(r app.rows) returns text language sql stable as 'select r.label';
create function app.count_rows() returns bigint language sql stable as 'select count(*) from app.rows';
alter table app.rows add column total bigint default app.count_rows();
alter table app.rows add constraint row_labelled check (app.row_label(rows) is not null) not valid;
create index rows_labelled on app.rows (lower(label), (id + 1)) include (total);
create view app.circle as select 1 as id, 'x'::text collate "C" as name;
create function app.of_circle() returns setof app.circle language sql stable as 'select * from app.circle';
create or replace view app.circle as select c.id, c.name from app.of_circle() c where false union all select 2, 'y' collate "C";
create function app.standard_body(n integer) returns bigint language sql stable begin atomic
  select count(*) + n from app.rows;
  select count(*) from app.people where app.people.id > n;
end;
create table app.uses_standard_body (id integer default app.standard_body(1));
create view app.grouped as select r.id, r.label from app.rows r group by r.id;
create function app.of_grouped(g app.grouped) returns text language sql as 'select g.label';
create view app.above_grouped with (security_barrier) as select app.of_grouped(g) as text from app.grouped g;

-- Views -------------------------------------------------------------------------------------------------------------
create view app.a_sees_z with (security_invoker = true, check_option = local) as select id, code from app.people where score > 0;
create view app.renamed ("First", "Sec ond") as select id, code from app.a_sees_z;
alter view app.renamed rename column "First" to "1st";
alter view app.a_sees_z alter column code set default 'from the view';
create recursive view app.tree (id, depth) as select id, 1 from app.people where manager is null
  union all select p.id, t.depth + 1 from app.people p join tree t on t.id = p.manager;
create materialized view app.z_base with (fillfactor = 50) as select id, mood from app.people;
create materialized view app.a_above as select count(*) as n, mood from app.z_base group by mood;
create materialized view app.not_filled as select 1 as one with no data;
create unique index z_base_id on app.z_base (id);
alter materialized view app.z_base alter column mood set statistics 5;
alter materialized view app.z_base cluster on z_base_id;
create view app.sees_material as select * from app.a_above;
comment on view app.renamed is 'a view';
comment on column app.renamed."1st" is 'a view''s column';
comment on materialized view app.z_base is 'material';
create rule no_delete as on delete to app.serials do instead nothing;
create rule also as on insert to app.quiet where new.id > 5 do also (delete from app.unlogged; select 1);
create rule to_table as on insert to app.renamed do instead insert into app.unlogged values (new."Sec ond");
alter table app.quiet disable rule also;
comment on rule no_delete on app.serials is 'rule';
create statistics app.people_statistics (dependencies, mcv) on code, score from app.people;
create statistics app.expression_statistics on (score * 2), lower(code) from app.people;
alter statistics app.people_statistics set statistics 77;
comment on statistics app.people_statistics is 'statistics';
comment on index app.rows_labelled is 'an index';
create index rows_expression on app.rows ((id * 2));
alter index app.rows_expression alter column 1 set statistics 99;
create index people_trigram on app.people using gin (code extensions.gin_trgm_ops) with (fastupdate = off);
create index people_collated on app.people (bio collate "C" text_pattern_ops);

-- Security ----------------------------------------------------------------------------------------------------------
alter table app.people enable row level security, force row level security;
alter table app.serials enable row level security;
create policy "Own rows" on app.people for select to authenticated, app_reader using ((select auth.uid()) is not null and id > 5);
create policy writes on app.people as restrictive for insert with check (score > 0);
create policy everything on app.people using (true) with check (exists (select from app.rows));
comment on policy writes on app.people is 'policy';
create policy "Give users access" on storage.objects for select to public using (bucket_id = 'a' and (storage.foldername(name))[1] = auth.uid()::text);
create policy of_buckets on storage.buckets for select to authenticated using (app.is_even(1));
create policy of_users on auth.users for select to app_reader using (true);
grant select, insert on app.people to anon, authenticated;
grant all on app.people to service_role;
grant select (id, code), update (code) on app.people to app_reader;
grant references on app.people to app_reader with grant option;
grant select on app.renamed to public;
revoke all on app.rows from postgres, supabase_admin;
grant select on app.rows to anon;
grant select on auth.users to app_reader;
grant usage on schema auth to app_reader;
grant execute on function auth.uid() to app_reader;
grant usage, create on schema app to "App Owner";
grant usage on schema app to anon, authenticated;
grant usage on schema "Odd Schema" to app_reader;
comment on schema app is 'the app';

-- Foreign data ------------------------------------------------------------------------------------------------------
create foreign data wrapper plain_wrapper options (debug 'true');
create extension postgres_fdw with schema extensions;
create server "Other Server" type 'some' version '1' foreign data wrapper plain_wrapper options (host 'db.example.com', api_key 'top secret');
create server second foreign data wrapper postgres_fdw options (host 'db.example.com', dbname 'it''s');
create user mapping for app_reader server "Other Server" options ("user" 'me', password 'hidden "word"');
create user mapping for public server "Other Server";
create foreign table app.far_away (id integer options (column_name 'ID') not null, name text collate "C" default 'x', constraint c check (id > 0)) server "Other Server" options (table_name 'Far');
grant usage on foreign server "Other Server" to app_reader;
grant usage on foreign data wrapper plain_wrapper to app_reader;
comment on server second is 'server';
comment on foreign table app.far_away is 'far';
comment on foreign data wrapper plain_wrapper is 'wrapper';

-- Publications ------------------------------------------------------------------------------------------------------
create publication supabase_realtime with (publish = 'insert, update', publish_via_partition_root = true);
alter publication supabase_realtime add table app.people (id, code, mood) where (score > 1), app.events;
create publication whole for all tables;
create publication of_schema for tables in schema app;
comment on publication of_schema is 'published';

-- What fires by itself ----------------------------------------------------------------------------------------------
create trigger "Before It" before insert or update of code, score on app.people for each row when (new.score > 1) execute function app.trigger_function('it''s', 'two');
create trigger on_events after insert on app.events for each row execute function app.trigger_function();
alter table app.events_2025 disable trigger on_events;
create constraint trigger checked after update on app.people deferrable initially deferred for each row execute function app.trigger_function();
create trigger transition after delete on app.people referencing old table as gone for each statement execute function app.trigger_function();
create trigger instead_of instead of update on app.renamed for each row execute function app.trigger_function();
alter table app.people disable trigger transition;
alter table app.people enable always trigger "Before It";
alter table app.people enable replica trigger checked;
comment on trigger "Before It" on app.people is 'trigger';
create trigger on_user_created after insert on auth.users for each row execute function app.trigger_function();
create event trigger on_ddl on ddl_command_end when tag in ('CREATE TABLE', 'ALTER TABLE') execute function app.event_function();
alter event trigger on_ddl disable;
comment on event trigger on_ddl is 'event';
create schema supabase_functions;
create function supabase_functions.http_request() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger webhook after insert on app.serials for each row
  execute function supabase_functions.http_request('https://example.com', 'POST', '{"Authorization":"Bearer sb_secret_abcdefgh12345"}', '{}', '1000');

-- At the end, so that what comes before is made with the usual privileges.
alter default privileges in schema app grant select on tables to anon, app_reader;
alter default privileges in schema app grant execute on functions to service_role with grant option;
alter default privileges revoke execute on functions from public;
alter default privileges for role app_reader grant select on sequences to app_writer;
