import type { Family } from "../statement.ts";
import { collationName, isMember, optionList } from "../scope.ts";

/** The stub has the view's columns and nothing else, for views that need each other. */
export const VIEWS: Family = {
  ctes: `
    found as (
      select c.*, format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join scope n on n.oid = c.relnamespace
      where c.relkind in ('v', 'm') and not ${isMember("pg_class", "c.oid")})`,
  select: `
    select 'view' as kind, name as identity, 'pg_class/' || f.oid as address, null::text as needs,
      concat('create view ', name, ' with (' || ${
    optionList("f.reloptions")
  } || ')', E' as\\n', pg_get_viewdef(f.oid)) as sql,
      format(E'create view %s as\\nselect %s;', name, (
        select string_agg(format('null::%s%s as %I', format_type(a.atttypid, a.atttypmod),
          case when a.attcollation <> t.typcollation then ' collate ' || ${
    collationName("a.attcollation")
  } end, a.attname),
          ', ' order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = f.oid and a.attnum > 0)) as stub
    from found f where f.relkind = 'v'
    union all
    select 'column default', format('%s.%I', f.name, a.attname), 'pg_attrdef/' || d.oid, 'pg_class/' || f.oid,
      format('alter view %s alter column %I set default %s;', f.name, a.attname, pg_get_expr(d.adbin, d.adrelid)), null
    from found f
    join pg_attrdef d on d.adrelid = f.oid
    join pg_attribute a on a.attrelid = f.oid and a.attnum = d.adnum
    where f.relkind = 'v'
    union all
    select 'materialized view', name, 'pg_class/' || f.oid, null,
      concat('create materialized view ', name,
        (select ' using ' || quote_ident(m.amname) from pg_am m where m.oid = f.relam and m.amname <> 'heap'),
        ' with (' || ${
    optionList("f.reloptions")
  } || ')', E' as\\n', rtrim(pg_get_viewdef(f.oid), ';'), E'\\nwith no data;'), null
    from found f where f.relkind = 'm'
    union all
    select 'materialized view data', name, null, 'pg_class/' || f.oid,
      format('refresh materialized view %s;', name), null
    from found f where f.relkind = 'm' and f.relispopulated`,
};

export const RULES: Family = {
  ctes: `
    found as (
      select r.*, format('%I.%I', n.nspname, c.relname) as relation
      from pg_rewrite r
      join pg_class c on c.oid = r.ev_class
      join scope n on n.oid = c.relnamespace
      where r.rulename <> '_RETURN' and not ${isMember("pg_class", "c.oid")})`,
  select: `
    select 'rule' as kind, format('%I on %s', rulename, relation) as identity, 'pg_rewrite/' || oid as address,
      null::text as needs, pg_get_ruledef(oid) as sql
    from found
    union all
    select 'rule state', format('%I on %s', rulename, relation), null, 'pg_rewrite/' || oid,
      format('alter table %s %s rule %I;', relation,
        case ev_enabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, rulename)
    from found where ev_enabled <> 'O'`,
};
