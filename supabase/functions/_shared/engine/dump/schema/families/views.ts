import type { Family } from "../statement.ts";
import { collationName, isMember, optionList } from "../scope.ts";

/** The stub has only the columns of the view, for views that need each other. */
export const VIEWS: Family = {
  ctes: `
    found as (
      select c.*, format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join scope n on n.oid = c.relnamespace
      where c.relkind in ('v', 'm') and not ${isMember("pg_class", "c.oid")}),
    reads as (
      select f.oid as view, f.oid as relation from found f where f.relkind = 'm'
      union
      select w.view, d.refobjid
      from reads w
      join pg_rewrite r on r.ev_class = w.relation
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass),
    reads_abroad as (
      select distinct w.view from reads w join pg_class c on c.oid = w.relation where c.relkind = 'f')`,
  // A foreign server may not answer, or not without the password that was left out.
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
        from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = f.oid and a.attnum > 0)) as stub,
      null::text as reason
    from found f where f.relkind = 'v'
    union all
    select 'column default', format('%s.%I', f.name, a.attname), 'pg_attrdef/' || d.oid, 'pg_class/' || f.oid,
      format('alter view %s alter column %I set default %s;', f.name, a.attname, pg_get_expr(d.adbin, d.adrelid)), null, null
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
  } || ')', E' as\\n', rtrim(pg_get_viewdef(f.oid), ';'), E'\\nwith no data;'), null, null
    from found f where f.relkind = 'm'
    union all
    select 'materialized view data', name, null, 'pg_class/' || f.oid,
      case when a.view is null then format('refresh materialized view %s;', name) end, null,
      case when a.view is not null then 'It reads foreign tables, so it comes back empty. Refresh it when its server can be reached.' end
    from found f left join reads_abroad a on a.view = f.oid
    where f.relkind = 'm' and f.relispopulated`,
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
