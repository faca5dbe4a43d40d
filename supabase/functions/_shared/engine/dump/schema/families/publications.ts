import type { Family } from "../statement.ts";
import { isMember } from "../scope.ts";

/** A fresh project has supabase_realtime already, so each part of it is only made where it is missing. */
export const PUBLICATIONS: Family = {
  ctes: `
    found as (
      select p.*, to_jsonb(p) ->> 'pubgencols' as generated
      from pg_publication p
      where p.pubname not in (select pubname from platform_publication) and not ${isMember("pg_publication", "p.oid")}),
    member as (
      select m.oid, p.pubname, m.prpubid, format('%I.%I', n.nspname, c.relname) as relation, n.oid as namespace,
        (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
          where a.attrelid = c.oid and a.attnum = any(m.prattrs)) as columns,
        pg_get_expr(m.prqual, m.prrelid) as condition
      from found p
      join pg_publication_rel m on m.prpubid = p.oid
      join pg_class c on c.oid = m.prrelid
      join pg_namespace n on n.oid = c.relnamespace)`,
  select: `
    select 'publication' as kind, quote_ident(pubname) as identity, 'pg_publication/' || oid as address,
      format('create publication %I%s with (publish = %L, publish_via_partition_root = %s%s);', pubname,
        case when puballtables then ' for all tables' end,
        concat_ws(', ', case when pubinsert then 'insert' end, case when pubupdate then 'update' end,
          case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end),
        pubviaroot::text, case generated when 's' then ', publish_generated_columns = stored' end) as sql,
      format('not exists (select from pg_catalog.pg_publication where pubname = %L)', pubname) as guard
    from found
    union all
    select 'publication member', format('%s in publication %I', relation, pubname), 'pg_publication_rel/' || oid,
      format('alter publication %I add table only %s%s%s;', pubname, relation, ' (' || columns || ')', ' where (' || condition || ')'),
      format('not exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
        where p.pubname = %L and r.prrelid = to_regclass(%L))', pubname, relation)
    from member where namespace in (select oid from scope)
    union all
    select 'publication member', format('schema %I in publication %I', s.nspname, p.pubname), 'pg_publication_namespace/' || m.oid,
      format('alter publication %I add tables in schema %I;', p.pubname, s.nspname),
      format('not exists (select from pg_catalog.pg_publication_namespace m join pg_catalog.pg_publication p on p.oid = m.pnpubid
        where p.pubname = %L and m.pnnspid = to_regnamespace(%L))', p.pubname, quote_ident(s.nspname))
    from found p join pg_publication_namespace m on m.pnpubid = p.oid join scope s on s.oid = m.pnnspid`,
};
