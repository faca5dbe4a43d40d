create type mood as enum ('sad', 'ok', 'happy; "quoted"');
create type pair as (a int8, b text, c numeric);
create domain positive as int8 check (value > 0);
create domain padded as char(6);
create domain moods as mood[];
create type span as range (subtype = float8);
create extension if not exists hstore;
create extension if not exists citext;
create table "Every ""type"" été" (
  id int8 generated always as identity primary key,
  c_bool bool, c_int2 int2, c_int4 int4, c_int8 int8, c_float4 float4, c_float8 float8,
  c_numeric numeric, c_numeric_38 numeric(38, 10), c_money money, c_oid oid,
  c_text text, c_varchar varchar(20), c_char char(6), c_bpchar bpchar, "c_char1" "char", c_name name,
  c_bytea bytea, c_uuid uuid, c_json json, c_jsonb jsonb, c_jsonpath jsonpath, c_xml xml,
  c_date date, c_time time, c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz, c_interval interval,
  c_inet inet, c_cidr cidr, c_macaddr macaddr, c_macaddr8 macaddr8, c_bit bit(5), c_varbit varbit,
  c_point point, c_line line, c_lseg lseg, c_box box, c_path path, c_polygon polygon, c_circle circle,
  c_tsvector tsvector, c_tsquery tsquery, c_pg_lsn pg_lsn, c_xid xid, c_xid8 xid8, c_cid cid, c_tid tid,
  c_snapshot pg_snapshot, c_txid_snapshot txid_snapshot, c_regclass regclass, c_regtype regtype, c_regproc regproc,
  c_int4range int4range, c_int8range int8range, c_numrange numrange, c_tsrange tsrange, c_tstzrange tstzrange,
  c_daterange daterange, c_int4multirange int4multirange, c_span span, c_nummultirange nummultirange,
  c_mood mood, c_pair pair, c_positive positive, c_padded padded, c_moods moods,
  c_int4_array int4[], c_int8_array int8[], c_text_array text[], c_jsonb_array jsonb[], c_pair_array pair[],
  c_bytea_array bytea[], c_timestamptz_array timestamptz[], c_box_array box[], c_int2vector int2vector,
  c_oidvector oidvector, c_hstore hstore, c_citext citext, c_hstore_array hstore[],
  t text, line text, source text, place text, "source.ctid" text, "rows" int4, "select" text, "naïve ""q"" 日本" text,
  g_stored int8 generated always as (c_int4 * 2::int8) stored
);
insert into "Every ""type"" été" (id) overriding system value values (9007199254740993);
insert into "Every ""type"" été" (c_bool, c_int2, c_int4, c_int8, c_float4, c_float8, c_numeric, c_numeric_38, c_money, c_oid,
  c_text, c_varchar, c_char, c_bpchar, "c_char1", c_name, c_bytea, c_uuid, c_json, c_jsonb, c_jsonpath, c_xml,
  c_date, c_time, c_timetz, c_timestamp, c_timestamptz, c_interval, c_inet, c_cidr, c_macaddr, c_macaddr8, c_bit, c_varbit,
  c_point, c_line, c_lseg, c_box, c_path, c_polygon, c_circle, c_tsvector, c_tsquery, c_pg_lsn, c_xid, c_xid8, c_cid, c_tid,
  c_snapshot, c_txid_snapshot, c_regclass, c_regtype, c_regproc, c_int4range, c_int8range, c_numrange, c_tsrange,
  c_tstzrange, c_daterange, c_int4multirange, c_span, c_nummultirange, c_mood, c_pair, c_positive, c_padded, c_moods,
  c_int4_array, c_int8_array, c_text_array, c_jsonb_array, c_pair_array, c_bytea_array, c_timestamptz_array, c_box_array,
  c_int2vector, c_oidvector, c_hstore, c_citext, c_hstore_array, t, line, source, place, "source.ctid", "rows", "select",
  "naïve ""q"" 日本")
values
 (true, -32768, 2147483647, 9223372036854775807, 'NaN', '-Infinity', 'NaN', 9999999999999999999999999999.9999999999, -92233720368547758.08, 4294967295,
  E'line\nbreak\ttab "quote" \\ back \u2028 \u0001 é 日本 🎉', 'vär', 'ab', 'trail   ', 'x', 'a name', '\x00ff0a5c22', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  E'{"b": 1,\n "a" : 1.0, "a": 12345678901234567890.123456789}', 'null', '$.a[*] ? (@.b > 3)', '<a b="c">é</a>',
  '4713-01-01 BC', '24:00:00', '23:59:59.999999-15:59', '0044-03-15 12:00:00.123456 BC', 'infinity', '-178000000 years 3 mons -4 days 05:06:07.000008',
  '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '10101', '1',
  '(1.1,-2.2)', '{1,2,3}', '[(0,0),(1,1)]', '(3,4),(1,2)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(1,2),0.1>',
  '''a b'':1A c:2', '''a'' & ! ''b c'':*', '16/B374D848', '123', '18446744073709551615', '7', '(42,7)',
  '10:20:10,14,15', '10:20:10,14,15', 'pg_class', 'pg_catalog.int4', 'pg_catalog.now', 'empty', '[-9223372036854775808,)', '(1.5,2.5]',
  '["0044-01-01 BC",infinity]', '(,"2026-01-01 00:00:00+00")', '[2026-01-01,infinity)', '{[1,3),[5,8)}', '[1.5,2.5)', '{(,1),(2,)}',
  'happy; "quoted"', row(9223372036854775807, E'a,"b"\\\n', null), 9223372036854775807, 'pad', '{ok,sad,NULL}',
  '[0:2]={1,NULL,3}', '{{9223372036854775807,-9223372036854775808},{0,1}}', array['NULL', null, '', ' ', '{', '"', '\', ','], array['null'::jsonb, '{"a":null}', null],
  array[row(1, null, 'NaN')::pair, null], array['\x00'::bytea, null], '{infinity,"2026-01-01 00:00:00+00"}', '{(1,1),(0,0);(2,2),(1,1)}',
  '1 2 3', '10 20', 'a=>1, b=>NULL, "c d"=>"e\"f"', 'CiText', array['a=>b'::hstore], 't', 'line', 'source', 'place', 'odd', 5, 'select', 'ok'),
 (false, 32767, -2147483648, -9223372036854775808, 3.4028235e38, 4.9e-324, '1e-30', -0.0000000001, 0, 0,
  '', '', '', '', '', '', '', '00000000-0000-0000-0000-000000000000',
  'null', '{"$lifeboat": "null", "other": [1e400, 12345678901234567890]}', '$', '',
  'infinity', '00:00:00', '00:00:00+15:59', '-infinity', '0001-01-01 00:00:00+00 BC', '-0.000001 seconds',
  '0.0.0.0/0', '::/0', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff:ff:ff', '00000', '',
  '(NaN,Infinity)', '{0,1,0}', '[(1e300,1),(1,1e-300)]', '(0,0),(0,0)', '((0,0),(1,1))', '((0,0))', '<(0,0),0>',
  '', '', '0/0', '0', '0', '0', '(0,0)', '1:1:', '1:1:', null, null, null,
  '[1,2)', 'empty', 'empty', 'empty', 'empty', 'empty', '{}', '(,)', '{}', 'sad', row(null, null, null), 1, '', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '', '', '', '', '{}', '', '', '', '', '', 0, '', ''),
 (null, 0, 0, 0, '-0', '-0', 0, 0, 1, 1, repeat('x', 3000), null, null, null, null, null, null, null,
  '"text"', '{"$lifeboat": "value", "value": {"$lifeboat": 1}}', null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  '[2:3][-1:0]={{1,2},{3,4}}', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
insert into "Every ""type"" été" (c_jsonb, c_float4, c_float8) values ('"null"', 0.1, 0.1), ('[null]', 1e-45, 1e23), ('1.10', 16777217, 9007199254740993),
  ('{"$lifeboat": "null"}', 'Infinity', 5e-324), ('false', -0.0, 123456789012345680);
create table "a.b" (x int);
create table no_key (v text);
create table no_columns ();
create table empty (id uuid primary key, note text);
create table parent (id int primary key, v text);
create table child (extra int) inherits (parent);
create table events (at date not null, v text) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01') partition by list (v);
create table events_2026_a partition of events_2026 for values in ('a');
create table events_rest partition of events default;
create unlogged table unlogged (id serial, v text);
insert into "a.b" values (1);
insert into no_key values (null), ('same'), ('same');
insert into no_columns default values;
insert into no_columns default values;
insert into parent values (1, 'parent');
insert into child values (2, 'child', 3), (3, 'child', null);
insert into events values ('2025-05-05', 'x'), ('2026-05-05', 'a'), ('1999-01-01', null);
insert into unlogged (v) select repeat('v', g % 50) from generate_series(1, 5000) g;
do $$
begin
  execute 'create table wide (' || (select string_agg(format('c%s int2', g), ', ') from generate_series(1, 1600) g) || ')';
  execute 'insert into wide values (' || (select string_agg((g % 7)::text, ', ') from generate_series(1, 1600) g) || ')';
  execute 'insert into wide (c1, c1600) values (1, 1600)';
end $$;
create table mixed (id int primary key, body text, data jsonb);
insert into mixed select g, case when g % 100 = 0 then (select string_agg(md5((g * i)::text), '') from generate_series(1, 400) i) else 'short ' || g end,
  case when g % 250 = 0 then (select jsonb_agg(md5((g + i)::text)) from generate_series(1, 500) i) end from generate_series(1, 3000) g;
delete from mixed where id % 7 = 0;
update mixed set body = body || '!' where id % 5 = 0;
-- Casts of a user say what they like; values must not pass through them.
create type shade as enum ('light', 'dark');
create function say_nothing(pair) returns text language sql immutable as $$ select 'nothing' $$;
create function say_nothing(shade) returns json language sql immutable as $$ select '"nothing"'::json $$;
create function say_nothing(shade[]) returns text language sql immutable as $$ select 'nothing' $$;
create function always_light(text) returns shade language sql immutable as $$ select 'light'::shade $$;
create cast (pair as text) with function say_nothing(pair) as assignment;
create cast (shade as json) with function say_nothing(shade);
create cast (shade[] as text) with function say_nothing(shade[]);
create cast (text as shade) with function always_light(text) as assignment;
create table casts (id int primary key, pair pair, shade shade, shades shade[], padded padded[], spans span[], pairs pair[]);
insert into casts values (1, row(1, 'a', 2.50), 'dark', array['dark', 'light']::shade[], '{a}', '{"[1,2)",empty}', array[row(null, null, null)::pair, null]),
  (2, row(null, null, null), null, '{}', null, null, null), (3, null, 'light', array[null]::shade[], '{}', '{}', '{}');
-- Every name that a query of the dump or the restore uses itself.
create table used_names (source text, line text, lines text, page text, heap text, message text, rows text, digest text, place text, fits text,
  rendered text, oversize text, given text, found text, loaded text, edge text, filled text, c text, p text, t text, ctid_ text);
insert into used_names select g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g, g from generate_series(1, 3000) g;
