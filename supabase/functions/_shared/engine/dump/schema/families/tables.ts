import type { Family } from "../statement.ts";
import { collationName, foreignOptionList, isMember, optionList, SEQUENCE_OPTIONS } from "../scope.ts";

/**
 * Tables with their columns. A column's default is a statement of its own where it calls a user's function, which may
 * need the table; checks, keys and indexes follow after the rows (constraints.ts).
 */
export const TABLES: Family = {
  ctes: `
    relation as (
      select c.*, format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join scope n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'f') and not ${isMember("pg_class", "c.oid")}),
    default_value as (
      select d.oid, d.adrelid, d.adnum, pg_get_expr(d.adbin, d.adrelid) as expression,
        exists (select from pg_depend x where x.classid = 'pg_attrdef'::regclass and x.objid = d.oid
          and x.refclassid = 'pg_proc'::regclass and not ${isMember("pg_proc", "x.refobjid")}) as calls_function
      from relation r join pg_attrdef d on d.adrelid = r.oid),
    not_null as (
      select k.oid, k.conrelid, k.conkey[1] as attnum, k.conname, k.conislocal, k.connoinherit
      from relation r join pg_constraint k on k.conrelid = r.oid
      where k.contype = 'n' and k.convalidated),
    attribute as (
      select r.oid as relid, r.name as relation, r.relname, r.relkind, r.relispartition, a.*, v.oid as default_oid, v.expression, v.calls_function,
        -- Of an inherited column only what differs is said; a partition is made whole and attached.
        a.attislocal or r.relispartition as is_listed,
        k.oid as not_null_oid, k.conname as not_null_name, k.connoinherit,
        case when current_setting('server_version_num')::int >= 180000
          then k.oid is not null and (k.conislocal or r.relispartition)
else a.attnotnull end as is_not_null
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join default_value v on v.adrelid = r.oid and v.adnum = a.attnum
      left join not_null k on k.conrelid = r.oid and k.attnum = a.attnum),
    ancestor as (
      select i.inhrelid as child, i.inhparent as parent from relation r join pg_inherits i on i.inhrelid = r.oid
      union
      select a.child, i.inhparent from ancestor a join pg_inherits i on i.inhrelid = a.parent),
    identity_sequence as (
      select d.refobjid as relid, d.refobjsubid as attnum,
        format('(sequence name %I.%I %s)', n.nspname, c.relname, ${SEQUENCE_OPTIONS}) as options
      from relation r
      join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = r.oid and d.deptype = 'i' and d.classid = 'pg_class'::regclass
      join pg_class c on c.oid = d.objid and c.relkind = 'S'
      join pg_namespace n on n.oid = c.relnamespace
      join pg_sequence s on s.seqrelid = c.oid),
    definition as (
      select a.relid, a.attnum, a.attname, a.default_oid is not null and (a.attgenerated <> '' or a.is_listed and not a.calls_function) as is_default_inline,
        a.default_oid, a.not_null_oid,
        concat_ws(' ',
          case a.attgenerated when 's' then format('generated always as (%s) stored', a.expression)
            when 'v' then format('generated always as (%s) virtual', a.expression)
            else case when not a.calls_function then 'default ' || a.expression end end,
          case when s.options is not null then format('generated %s as identity %s',
            case a.attidentity when 'a' then 'always' else 'by default' end, s.options) end,
          case when a.is_not_null then concat_ws(' ',
            'constraint ' || quote_ident(nullif(a.not_null_name, a.relname || '_' || a.attname || '_not_null')),
            'not null', case when a.connoinherit then 'no inherit' end) end) as constraints,
        concat_ws(' ',
          format_type(a.atttypid, a.atttypmod),
          case a.attcompression when 'p' then 'compression pglz' when 'l' then 'compression lz4' end,
          'options (' || ${foreignOptionList("a.attfdwoptions")} || ')',
          case when a.attcollation <> t.typcollation then 'collate ' || ${collationName("a.attcollation")} end) as type,
        a.is_listed
      from attribute a
      join pg_type t on t.oid = a.atttypid
      left join identity_sequence s on s.relid = a.relid and s.attnum = a.attnum),
    body as (
      select d.relid,
        string_agg(format('  %I %s', d.attname, concat_ws(' ', d.type, nullif(d.constraints, ''))), E',\\n' order by d.attnum)
          filter (where d.is_listed) as columns,
        string_agg(format('  %I with options %s', d.attname, d.constraints), E',\\n' order by d.attnum)
          filter (where d.constraints <> '') as typed_columns,
        string_agg(concat_ws(' ', case when d.is_default_inline then 'pg_attrdef/' || d.default_oid end,
          'pg_constraint/' || d.not_null_oid), ' ') as covers
      from definition d group by d.relid)`,
  select: `
    select 'table' as kind, r.name as identity, concat_ws(' ', 'pg_class/' || r.oid, nullif(trim(b.covers), '')) as address,
      null::text as needs,
      concat('create ', case when r.relkind = 'f' then 'foreign ' when r.relpersistence = 'u' then 'unlogged ' end,
        'table ', r.name,
        case when r.reloftype <> 0
          then ' of ' || format_type(r.reloftype, null) || E' (\\n' || b.typed_columns || E'\\n)'
          else E' (\\n' || b.columns || E'\\n)' end,
        case when r.reloftype <> 0 and b.typed_columns is null then ' of ' || format_type(r.reloftype, null) end,
        case when r.reloftype = 0 and b.columns is null then ' ()' end,
        case when not r.relispartition then (
          select ' inherits (' || string_agg(format('%I.%I', pn.nspname, p.relname), ', ' order by i.inhseqno) || ')'
          from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
          where i.inhrelid = r.oid) end,
        ' partition by ' || pg_get_partkeydef(r.oid),
        (select ' server ' || quote_ident(s.srvname) || coalesce(' options (' || ${
    foreignOptionList("f.ftoptions")
  } || ')', '')
          from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = r.oid),
        (select ' using ' || quote_ident(m.amname) from pg_am m where m.oid = r.relam and m.amname <> 'heap'),
        ' with (' || nullif(concat_ws(', ', ${optionList("r.reloptions")},
          ${optionList("(select t.reloptions from pg_class t where t.oid = r.reltoastrelid)", "toast.")}), '') || ')',
        ';') as sql
    from relation r left join body b on b.relid = r.oid
    union all
    select 'column default', format('%s.%I', a.relation, a.attname), 'pg_attrdef/' || a.default_oid, 'pg_class/' || a.relid,
      format('alter table only %s alter column %I set default %s;', a.relation, a.attname, a.expression)
    from attribute a
    where a.default_oid is not null and a.attgenerated = '' and (a.calls_function or not a.is_listed)
    union all
    select 'column default', format('%s.%I', a.relation, a.attname), null, 'pg_class/' || a.relid,
      format('alter table only %s alter column %I drop default;', a.relation, a.attname)
    from attribute a
    where a.default_oid is null and not a.relispartition and exists (
      select from ancestor i join pg_attribute p on p.attrelid = i.parent and p.attname = a.attname
      where i.child = a.relid and p.atthasdef and p.attgenerated = '')
    union all
    select 'column settings', format('%s.%I', a.relation, a.attname), null, 'pg_class/' || a.relid,
      -- From 18 on a child takes what its parent has; before, each table has its own.
      case when a.not_null_oid is null then format('alter table only %s alter column %I set not null;', a.relation, a.attname)
        else format('alter table %s add constraint %I not null %I%s;', a.relation, a.not_null_name, a.attname,
          case when a.connoinherit then ' no inherit' end) end
    from attribute a where a.is_not_null and not a.is_listed
    union all
    select 'partition', r.name, null, 'pg_class/' || r.oid || ' pg_class/' || p.oid,
      format('alter table only %I.%I attach partition %s %s;', pn.nspname, p.relname, r.name, pg_get_expr(r.relpartbound, r.oid))
    from relation r
    join pg_inherits i on i.inhrelid = r.oid
    join pg_class p on p.oid = i.inhparent
    join pg_namespace pn on pn.oid = p.relnamespace
    where r.relispartition`,
};

// A server may keep options of its own beside the owner's: 15.20 has `pg_attver=…` on every column. No statement can
// set such an option ("unrecognized parameter"), so one that tried would fail every restore.
const OWNERS_OPTIONS = "array(select o from unnest(a.attoptions) o where not starts_with(o, 'pg_'))";

/** Storage, statistics target and options of columns, also of materialised views. */
export const COLUMN_SETTINGS: Family = {
  ctes: `
    setting as (
      select c.oid, format('%I.%I', n.nspname, c.relname) as name, a.attnum, format('alter column %I ', a.attname) || s.action as action
      from pg_class c
      join scope n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
      cross join lateral (values
        (case when a.attstorage <> t.typstorage then 'set storage ' ||
          case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end),
        (case when a.attstattarget >= 0 then 'set statistics ' || a.attstattarget end),
        ('set (' || ${optionList(OWNERS_OPTIONS)} || ')')) s(action)
      where c.relkind in ('r', 'p', 'f', 'm') and s.action is not null and not ${isMember("pg_class", "c.oid")})`,
  select: `
    select 'column settings' as kind, name as identity, 'pg_class/' || oid as needs,
      format('alter table only %s %s;', name, string_agg(action, ', ' order by attnum, action)) as sql
    from setting group by oid, name`,
};
