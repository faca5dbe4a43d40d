-- What PostgreSQL 16 to 18 added.
create collation app.builtin (provider = builtin, locale = 'C.UTF-8');
create collation app.ruled (provider = icu, locale = 'und', rules = '& V << w <<< W');
create table app.computed (
  id integer constraint "id is there" not null,
  at tstzrange,
  doubled integer generated always as (id * 2) virtual,
  kept integer generated always as (id * 3) stored,
  constraint not_overlapping primary key (id, at without overlaps)
);
create table app.child_computed (extra integer constraint my_not_null not null no inherit) inherits (app.computed);
create table app.computed_link (id integer, at tstzrange, foreign key (id, period at) references app.computed (id, period at));
create table app.lax (a integer, b integer, constraint a_there not null a, constraint b_small check (b < 5) not enforced);
alter table app.lax add constraint b_there not null b not valid;
alter table app.lax add constraint to_rows foreign key (a) references app.rows not enforced;
create table app.identity_parts (id bigint generated always as identity, at date not null) partition by range (at);
create table app.identity_parts_1 partition of app.identity_parts for values from ('2025-01-01') to ('2026-01-01');
create table app.excluded_parts (a integer, b int4range, constraint ex exclude using gist (a with =, b with &&)) partition by range (a);
create table app.excluded_parts_1 partition of app.excluded_parts for values from (0) to (10);
create domain app.named_not_null as integer constraint "must be" not null;
create publication generated_too for table app.computed with (publish_generated_columns = stored);
grant maintain on app.lax to anon;
grant app_reader to "App Owner" with inherit false, set false;
