import { isMember } from "../scope.ts";

/**
 * Objects with an owner and maybe an access list: their names for GRANT and ALTER … OWNER, and the default grants of
 * their class. Shared by ownership, grants and roles.
 */
export const ACL_OBJECTS = `
    acl_object as (
      select 'pg_class/' || c.oid as address, case c.relkind when 'S' then 'sequence' else 'table' end as grant_word,
        case c.relkind when 'S' then 'sequence' else 'table' end as owner_word,
        format('%I.%I', n.nspname, c.relname) as name, c.relowner as owner, c.relacl as acl,
        acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner) as usual,
        -- The sequence of a column follows its table.
        c.relkind <> 'S' or not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
          and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')) as is_owned_alone
      from pg_class c join scope n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not ${isMember("pg_class", "c.oid")}
      union all
      select 'pg_proc/' || p.oid, 'routine', 'routine', p.oid::regprocedure::text, p.proowner, p.proacl, acldefault('f', p.proowner), true
      from pg_proc p join scope n on n.oid = p.pronamespace
      where not ${isMember("pg_proc", "p.oid")} and not exists (select from pg_depend i
        where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')
      union all
      select 'pg_type/' || t.oid, 'type', 'type', format('%I.%I', n.nspname, t.typname), t.typowner, t.typacl, acldefault('T', t.typowner), true
      from pg_type t join scope n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
      where (t.typtype in ('d', 'e', 'r') or c.relkind = 'c') and not ${isMember("pg_type", "t.oid")}
      union all
      select 'pg_namespace/' || n.oid, 'schema', 'schema', quote_ident(n.nspname), n.nspowner, n.nspacl, acldefault('n', n.nspowner), true
      from pg_namespace n join scope s on s.oid = n.oid
      where not ${isMember("pg_namespace", "n.oid")}
      union all
      select 'pg_foreign_data_wrapper/' || w.oid, 'foreign data wrapper', 'foreign data wrapper', quote_ident(w.fdwname), w.fdwowner, w.fdwacl,
        acldefault('F', w.fdwowner), true
      from pg_foreign_data_wrapper w
      where w.oid >= 16384 and not ${isMember("pg_foreign_data_wrapper", "w.oid")}
      union all
      select 'pg_foreign_server/' || s.oid, 'foreign server', 'server', quote_ident(s.srvname), s.srvowner, s.srvacl, acldefault('S', s.srvowner), true
      from pg_foreign_server s
      where not ${isMember("pg_foreign_server", "s.oid")}),
    owned_object as (
      select address, owner_word, name, owner from acl_object where is_owned_alone
      union all
      select 'pg_collation/' || c.oid, 'collation', format('%I.%I', n.nspname, c.collname), c.collowner
      from pg_collation c join scope n on n.oid = c.collnamespace where not ${isMember("pg_collation", "c.oid")}
      union all
      select 'pg_conversion/' || c.oid, 'conversion', format('%I.%I', n.nspname, c.conname), c.conowner
      from pg_conversion c join scope n on n.oid = c.connamespace where not ${isMember("pg_conversion", "c.oid")}
      union all
      select 'pg_operator/' || o.oid, 'operator', format('%I.%s (%s, %s)', n.nspname, o.oprname,
        case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end, format_type(o.oprright, null)), o.oprowner
      from pg_operator o join scope n on n.oid = o.oprnamespace
      where o.oprcode <> 0 and not ${isMember("pg_operator", "o.oid")}
      union all
      select 'pg_ts_dict/' || d.oid, 'text search dictionary', format('%I.%I', n.nspname, d.dictname), d.dictowner
      from pg_ts_dict d join scope n on n.oid = d.dictnamespace where not ${isMember("pg_ts_dict", "d.oid")}
      union all
      select 'pg_ts_config/' || c.oid, 'text search configuration', format('%I.%I', n.nspname, c.cfgname), c.cfgowner
      from pg_ts_config c join scope n on n.oid = c.cfgnamespace where not ${isMember("pg_ts_config", "c.oid")}
      union all
      select 'pg_statistic_ext/' || x.oid, 'statistics', format('%I.%I', n.nspname, x.stxname), x.stxowner
      from pg_statistic_ext x join scope n on n.oid = x.stxnamespace where not ${
  isMember("pg_statistic_ext", "x.oid")
})`;
