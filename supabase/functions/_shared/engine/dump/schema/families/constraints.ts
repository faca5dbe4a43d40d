import type { Family } from "../statement.ts";
import { isMember, optionList } from "../scope.ts";

/**
 * Keys, checks and foreign keys of tables. Inherited ones need no statement. A partition's own key has one, so that it
 * keeps its name (`index partition` attaches it to the parent's); but not an exclusion constraint, whose indexes
 * Postgres cannot attach: the parent's statement makes the partitions' too, with names of Postgres' choice.
 */
export const CONSTRAINTS: Family = {
  ctes: `
    found as (
      select k.*, c.relkind, format('%I.%I', n.nspname, c.relname) as relation,
        coalesce((select i.indisexclusion from pg_index i where i.indexrelid = k.conindid and k.contype <> 'f'), false) as is_exclusion
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid
      join scope n on n.oid = c.relnamespace
      where k.contype <> 't' and not (k.contype = 'n' and k.convalidated) and not ${isMember("pg_class", "c.oid")})`,
  select: `
    select case contype when 'f' then 'foreign key' else 'constraint' end as kind,
      format('%I on %s', conname, relation) as identity, 'pg_constraint/' || oid as address,
      case when contype in ('c', 'n') and not conislocal or (contype = 'f' or is_exclusion) and conparentid <> 0 then null
        else format('alter table %s%s add constraint %I %s;',
          case when contype in ('c', 'n') or (contype = 'f' or is_exclusion) and relkind = 'p' then '' else 'only ' end,
          relation, conname, pg_get_constraintdef(oid)) end as sql
    from found`,
};

export const INDEXES: Family = {
  ctes: `
    found as (
      select i.*, x.relname as index_name, n.nspname, x.relkind as index_kind, format('%I.%I', n.nspname, x.relname) as name,
        format('%I.%I', n.nspname, c.relname) as relation,
        exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
          and k.conrelid = i.indrelid) as is_constraint
      from pg_index i
      join pg_class x on x.oid = i.indexrelid
      join pg_class c on c.oid = i.indrelid and c.relkind in ('r', 'p', 'm')
      join scope n on n.oid = c.relnamespace
      where not ${isMember("pg_class", "c.oid")})`,
  select: `
    select 'index' as kind, name as identity, 'pg_class/' || indexrelid as address, null::text as needs,
      case when indisvalid or index_kind = 'I' then pg_get_indexdef(indexrelid) || ';' end as sql,
      case when not (indisvalid or index_kind = 'I') then 'The index is not valid in the database either: its building failed.' end as reason
    from found where not is_constraint
    union all
    select 'index partition', f.name, null, 'pg_class/' || f.indexrelid || ' pg_class/' || p.oid,
      format('alter index %I.%I attach partition %s;', pn.nspname, p.relname, f.name), null
    from found f
    join pg_inherits h on h.inhrelid = f.indexrelid
    join pg_class p on p.oid = h.inhparent
    join pg_namespace pn on pn.oid = p.relnamespace
    where not f.indisexclusion
    union all
    select 'index settings', f.name, null, 'pg_class/' || f.indexrelid,
      format('alter index %s %s;', f.name, string_agg(format('alter column %s set statistics %s', a.attnum, a.attstattarget), ', ' order by a.attnum)), null
    from found f join pg_attribute a on a.attrelid = f.indexrelid and a.attstattarget >= 0
    group by f.name, f.indexrelid
    union all
    -- The definition of a key leaves the options of its index out.
    select 'index settings', f.name, null, 'pg_class/' || f.indexrelid,
      format('alter index %s set (%s);', f.name, ${optionList("x.reloptions")}), null
    from found f join pg_class x on x.oid = f.indexrelid
    where f.is_constraint and x.reloptions is not null
    union all
    select 'cluster', f.relation, null, 'pg_class/' || f.indexrelid,
      format('alter table %s cluster on %I;', f.relation, f.index_name), null
    from found f where f.indisclustered
    union all
    select 'replica identity', f.relation, null, 'pg_class/' || f.indexrelid,
      format('alter table only %s replica identity using index %I;', f.relation, f.index_name), null
    from found f where f.indisreplident
    union all
    select 'replica identity', format('%I.%I', n.nspname, c.relname), null, 'pg_class/' || c.oid,
      format('alter table only %I.%I replica identity %s;', n.nspname, c.relname, case c.relreplident when 'f' then 'full' else 'nothing' end), null
    from pg_class c join scope n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and c.relreplident in ('f', 'n') and not ${isMember("pg_class", "c.oid")}`,
};
