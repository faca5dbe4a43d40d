-- A bookshop in two languages: full-text search, list and range partitions, inheritance, exclusion, JSON, trigram search.

create extension if not exists pg_trgm with schema extensions;
create extension if not exists btree_gist with schema extensions;
create extension if not exists unaccent with schema extensions;
create schema catalogue;
create schema "Sales & Orders";

create text search configuration catalogue.german_plain (copy = pg_catalog.german);
alter text search configuration catalogue.german_plain alter mapping for asciiword, word with simple;
create collation catalogue.by_number (provider = icu, locale = 'en-u-kn-true');

create type catalogue.binding as enum ('hardcover', 'paperback', 'e-book');
create type catalogue.price as (amount numeric(10, 2), currency char(3));
create domain catalogue.weight as integer;
create domain catalogue.isbn as text check (value ~ '^97[89][0-9]{10}$');

create table catalogue.publishers (id uuid primary key default gen_random_uuid(), name text not null collate catalogue.by_number unique);
create table catalogue.books (
  isbn catalogue.isbn primary key, title jsonb not null, publisher uuid references catalogue.publishers on delete set null,
  prices catalogue.price[] not null default '{}', binding catalogue.binding not null, published daterange, pages integer check (pages > 0),
  details json, "Word count" bigint generated always as identity,
  search tsvector generated always as (
    setweight(to_tsvector('catalogue.german_plain', coalesce(title ->> 'de', '')), 'A') || setweight(to_tsvector('english', coalesce(title ->> 'en', '')), 'B')
  ) stored
);
create table catalogue.authors (id int generated always as identity primary key, name text not null, mentor int references catalogue.authors);
create table catalogue.wrote (author int references catalogue.authors, isbn catalogue.isbn references catalogue.books on update cascade, share numeric(4, 3) not null default 1, primary key (author, isbn));

create table "Sales & Orders".items (sku text primary key, "price in €" numeric(8, 2) not null);
create table "Sales & Orders"."printed books" (isbn catalogue.isbn not null unique, weight_g catalogue.weight) inherits ("Sales & Orders".items);

create table "Sales & Orders".orders (
  id bigint generated always as identity, region text not null, placed timestamptz not null, lines jsonb not null,
  total money, primary key (region, placed, id)
) partition by list (region);
create table "Sales & Orders".orders_eu partition of "Sales & Orders".orders for values in ('de', 'fr') partition by range (placed);
create table "Sales & Orders".orders_eu_2025 partition of "Sales & Orders".orders_eu for values from ('2025-01-01') to ('2026-01-01');
create table "Sales & Orders".orders_eu_rest partition of "Sales & Orders".orders_eu default;
create table "Sales & Orders".orders_rest partition of "Sales & Orders".orders default;

create table public.readings (
  room int not null, during tstzrange not null, reader text, exclude using gist (room with =, during with &&) deferrable
);

create index on catalogue.books using gin (search);
create index titles on catalogue.books using gin ((title ->> 'en') extensions.gin_trgm_ops);
create index on catalogue.books (binding, pages desc nulls last) where pages > 100;
create index on "Sales & Orders".orders (placed);
create index on "Sales & Orders".orders using gin (lines jsonb_path_ops);

create view catalogue.bestsellers as
  select b.isbn, b.title ->> 'en' as title, count(*) as sold
  from catalogue.books b join "Sales & Orders".orders o on o.lines @> jsonb_build_array(jsonb_build_object('isbn', b.isbn)) group by b.isbn;
create rule no_free_books as on insert to "Sales & Orders".items where new."price in €" = 0 do instead nothing;
create materialized view public.shelf as select binding, count(*) as books, array_agg(isbn order by isbn) as list from catalogue.books group by binding;

comment on table catalogue.books is 'What we sell; it''s "the" list';
comment on column catalogue.books."Word count" is E'Counted\nby hand';

insert into catalogue.publishers (name) select 'Publisher ' || g from generate_series(1, 12) g;
insert into catalogue.books (isbn, title, publisher, prices, binding, published, pages, details)
  select '978' || lpad(g::text, 10, '0'), jsonb_build_object('en', 'The book of ' || g, 'de', 'Das Buch der Größe ' || g),
    (select id from catalogue.publishers offset g % 12 limit 1), array[row(g + 0.99, 'EUR'), row(g * 1.1, null)]::catalogue.price[],
    (enum_range(null::catalogue.binding))[1 + g % 3], daterange('2000-01-01'::date + g, case when g % 3 = 0 then null else '2030-01-01'::date end),
    nullif(g % 400, 0), '{"b": 1,  "a": [1.10, null], "b": 2}' from generate_series(1, 300) g;
insert into catalogue.authors (name, mentor) select 'Author ' || g, nullif(g - 1, 0) from generate_series(1, 30) g;
insert into catalogue.wrote select 1 + g % 30, '978' || lpad(g::text, 10, '0'), 0.125 from generate_series(1, 300) g;
insert into "Sales & Orders".items select 'item-' || g, g from generate_series(1, 10) g;
insert into "Sales & Orders"."printed books" select 'printed-' || g, g * 2, '978' || lpad(g::text, 10, '0'), g - 3 from generate_series(1, 20) g;
-- What was there before does not keep it.
alter domain catalogue.weight add constraint something check (value > 0) not valid;
insert into "Sales & Orders".orders (region, placed, lines, total)
  select (array['de', 'fr', 'jp', 'us'])[1 + g % 4], '2025-06-01'::timestamptz + g * interval '1 day',
    jsonb_build_array(jsonb_build_object('isbn', '978' || lpad((1 + g % 50)::text, 10, '0'), 'n', g)), (g * 1.5)::numeric::money
  from generate_series(1, 400) g;
insert into public.readings select g % 3, tstzrange('2026-01-01'::timestamptz + g * interval '1 day', '2026-01-01'::timestamptz + g * interval '1 day' + interval '2 hours'), 'Reader ' || g
  from generate_series(1, 30) g;
refresh materialized view public.shelf;
