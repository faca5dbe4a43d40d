import type { Family } from "../statement.ts";
import { isMember, SEQUENCE_OPTIONS } from "../scope.ts";

/** Sequences of identity columns have no statement here: the table's statement makes them (tables.ts). */
export const SEQUENCES: Family = {
  ctes: `
    found as (
      select c.oid, c.relpersistence, format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join scope n on n.oid = c.relnamespace
      where c.relkind = 'S' and not ${isMember("pg_class", "c.oid")}
        and not exists (select from pg_depend i
          where i.classid = 'pg_class'::regclass and i.objid = c.oid and i.deptype = 'i'))`,
  select: `
    select 'sequence' as kind, f.name as identity, 'pg_class/' || f.oid as address, null::text as needs,
      format('create %ssequence %s as %s %s;', case when f.relpersistence = 'u' then 'unlogged ' end, f.name,
        format_type(s.seqtypid, null), ${SEQUENCE_OPTIONS}) as sql
    from found f join pg_sequence s on s.seqrelid = f.oid
    union all
    select 'sequence owner', f.name, null, 'pg_class/' || f.oid || ' pg_class/' || t.oid,
      format('alter sequence %s owned by %I.%I.%I;', f.name, n.nspname, t.relname, a.attname)
    from found f
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = f.oid and d.deptype = 'a'
      and d.refclassid = 'pg_class'::regclass
    join pg_class t on t.oid = d.refobjid
    join pg_namespace n on n.oid = t.relnamespace
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    union all
    -- The sequence of an identity column is made logged or unlogged as its table is. Where it differs, a statement says so.
    select 'column settings', format('%I.%I', n.nspname, c.relname), null, 'pg_class/' || t.oid,
      format('alter sequence %I.%I set %s;', n.nspname, c.relname, case when c.relpersistence = 'u' then 'unlogged' else 'logged' end)
    from pg_class c
    join scope n on n.oid = c.relnamespace
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
      and d.refclassid = 'pg_class'::regclass
    join pg_class t on t.oid = d.refobjid
    where c.relkind = 'S' and c.relpersistence <> t.relpersistence and not ${isMember("pg_class", "t.oid")}`,
};

/** SQL for a query over all sequences in scope, null without any. Each sequence must be read on its own. */
export const SEQUENCE_READER = `
    select string_agg(format('select %L::text as schema, %L::text as name, %L::text as identity, %L::text as address, last_value::text as last_value, is_called,
      %L::text as owned_by from %I.%I', n.nspname, c.relname, format('%I.%I', n.nspname, c.relname), 'pg_class/' || c.oid, o.owned_by, n.nspname, c.relname),
      ' union all ' order by n.nspname, c.relname) as query
    from pg_class c
    join scope n on n.oid = c.relnamespace
    left join lateral (
      select format('%I.%I.%I', tn.nspname, t.relname, a.attname) as owned_by
      from pg_depend d
      join pg_class t on t.oid = d.refobjid
      join pg_namespace tn on tn.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
        and d.refclassid = 'pg_class'::regclass) o on true
    where c.relkind = 'S' and not ${isMember("pg_class", "c.oid")}`;
