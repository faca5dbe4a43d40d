import type { Family } from "../statement.ts";

/** Schemas in scope and schemas of extensions. `if not exists`, because the target may have them already. */
export const SCHEMAS: Family = {
  select: `
    select 'schema' as kind, quote_ident(n.nspname) as identity, 'pg_namespace/' || n.oid as address,
      format('create schema if not exists %I;', n.nspname) as sql
    from pg_namespace n
    where n.oid in (select oid from scope union select extnamespace from pg_extension where extname <> 'plpgsql')
      and n.nspname not in ('pg_catalog', 'information_schema')
      and not exists (select from pg_depend e
        where e.classid = 'pg_namespace'::regclass and e.objid = n.oid and e.deptype = 'e')`,
};

/** Extensions are created without a version: hosted Supabase ignores one, and the target's version suits its server. */
export const EXTENSIONS: Family = {
  select: `
    select 'extension' as kind, quote_ident(x.extname) as identity, 'pg_extension/' || x.oid as address,
      case when p.extname is not null
        then format('exists (select from pg_catalog.pg_available_extensions where name = %L)', x.extname) end as guard,
      format('create extension if not exists %I%s;', x.extname,
        case when not exists (select from pg_depend e where e.classid = 'pg_namespace'::regclass
            and e.objid = x.extnamespace and e.refobjid = x.oid and e.deptype = 'e')
          then ' with schema ' || quote_ident(n.nspname) end) as sql
    from pg_extension x
    join pg_namespace n on n.oid = x.extnamespace
    left join platform_extension p on p.extname = x.extname
    where x.extname <> 'plpgsql'`,
};

export const COLLATIONS: Family = {
  ctes: `
    found as (
      select c.*, n.nspname, to_jsonb(c) as j from pg_collation c join scope n on n.oid = c.collnamespace
      where not exists (select from pg_depend e
        where e.classid = 'pg_collation'::regclass and e.objid = c.oid and e.deptype = 'e'))`,
  // The columns of the locale were renamed in PostgreSQL 15 (colliculocale) and 17 (colllocale).
  select: `
    select 'collation' as kind, format('%I.%I', nspname, collname) as identity, 'pg_collation/' || oid as address,
      format('create collation %I.%I (%s);', nspname, collname, concat_ws(', ',
        'provider = ' || case collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
        case when collprovider in ('i', 'b')
          then format('locale = %L', coalesce(j ->> 'colllocale', j ->> 'colliculocale', collcollate)) end,
        case when collprovider = 'c'
          then format('lc_collate = %L, lc_ctype = %L', collcollate, collctype) end,
        case when not collisdeterministic then 'deterministic = false' end,
        'rules = ' || quote_literal(j ->> 'collicurules'))) as sql
    from found`,
};

const DICTIONARIES = `
    select 'text search dictionary' as kind, format('%I.%I', n.nspname, d.dictname) as identity,
      'pg_ts_dict/' || d.oid as address, null::text as needs,
      format('create text search dictionary %I.%I (template = %I.%I%s);', n.nspname, d.dictname,
        tn.nspname, t.tmplname, ', ' || d.dictinitoption) as sql
    from pg_ts_dict d
    join scope n on n.oid = d.dictnamespace
    join pg_ts_template t on t.oid = d.dicttemplate
    join pg_namespace tn on tn.oid = t.tmplnamespace
    where not exists (select from pg_depend e
      where e.classid = 'pg_ts_dict'::regclass and e.objid = d.oid and e.deptype = 'e')`;

export const TEXT_SEARCH: Family = {
  ctes: `
    configuration as (
      select c.oid, format('%I.%I', n.nspname, c.cfgname) as name, c.cfgparser, format('%I.%I', pn.nspname, p.prsname) as parser
      from pg_ts_config c
      join scope n on n.oid = c.cfgnamespace
      join pg_ts_parser p on p.oid = c.cfgparser
      join pg_namespace pn on pn.oid = p.prsnamespace
      where not exists (select from pg_depend e
        where e.classid = 'pg_ts_config'::regclass and e.objid = c.oid and e.deptype = 'e')),
    mapping as (
      select c.oid, c.name, t.alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' order by m.mapseqno) as dictionaries
      from configuration c
      cross join lateral ts_token_type(c.cfgparser) t
      join pg_ts_config_map m on m.mapcfg = c.oid and m.maptokentype = t.tokid
      join pg_ts_dict d on d.oid = m.mapdict
      join pg_namespace dn on dn.oid = d.dictnamespace
      group by 1, 2, 3)`,
  select: `${DICTIONARIES}
    union all
    select 'text search configuration', name, 'pg_ts_config/' || oid, null,
      format('create text search configuration %s (parser = %s);', name, parser)
    from configuration
    union all
    select 'text search mapping', name, null, 'pg_ts_config/' || oid,
      format('alter text search configuration %s add mapping for %s with %s;', name,
        string_agg(quote_ident(alias), ', ' order by alias), dictionaries)
    from mapping group by oid, name, dictionaries`,
};

export const STATISTICS: Family = {
  ctes: `
    found as (
      select s.oid, format('%I.%I', n.nspname, s.stxname) as name, to_jsonb(s) ->> 'stxstattarget' as target
      from pg_statistic_ext s join scope n on n.oid = s.stxnamespace
      where not exists (select from pg_depend e
        where e.classid = 'pg_statistic_ext'::regclass and e.objid = s.oid and e.deptype = 'e'))`,
  select: `
    select 'statistics' as kind, name as identity, 'pg_statistic_ext/' || oid as address, null::text as needs,
      pg_get_statisticsobjdef(oid) || ';' as sql
    from found
    union all
    select 'statistics settings', name, null, 'pg_statistic_ext/' || oid,
      format('alter statistics %s set statistics %s;', name, target)
    from found where target::int >= 0`,
};
