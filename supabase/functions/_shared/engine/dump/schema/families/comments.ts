import type { Family } from "../statement.ts";

/** Comments on objects that have a statement. Comments on other objects are dropped later, as their need is not met. */
export const COMMENTS: Family = {
  ctes: `
    found as (
      select d.*, o.type, o.identity
      from pg_description d cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o
      where (d.objoid >= 16384 or d.classoid = 'pg_namespace'::regclass and d.objoid in (select oid from scope))
        and not (d.classoid = 'pg_namespace'::regclass and d.description = 'standard public schema')
        and d.classoid <> 'pg_extension'::regclass
        and not exists (select from pg_depend e where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e'))`,
  select: `
    select 'comment' as kind, type || ' ' || identity as identity,
      classoid::regclass || '/' || objoid as needs,
      format('comment on %s %s is %L;', case
          when type like '%column' then 'column'
          when type in ('function', 'procedure', 'aggregate') then 'routine'
          when type in ('composite type', 'domain') then 'type'
          when type in ('table constraint', 'domain constraint') then 'constraint'
          when type = 'statistics object' then 'statistics'
          when type = 'foreign-data wrapper' then 'foreign data wrapper'
          else type end,
        case when type = 'domain constraint' then replace(identity, ' on ', ' on domain ') else identity end,
        description) as sql
    from found`,
};
