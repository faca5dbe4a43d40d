import type { Family } from "../statement.ts";
import { isMember } from "../scope.ts";

export const ROW_SECURITY: Family = {
  select: `
    select 'row security' as kind, format('%I.%I', n.nspname, c.relname) as identity, 'pg_class/' || c.oid as needs,
      format('alter table %I.%I %s;', n.nspname, c.relname, concat_ws(', ',
        case when c.relrowsecurity then 'enable row level security' end,
        case when c.relforcerowsecurity then 'force row level security' end)) as sql
    from pg_class c join scope n on n.oid = c.relnamespace
    where (c.relrowsecurity or c.relforcerowsecurity) and not ${isMember("pg_class", "c.oid")}`,
};

/** Every policy on the platform's own tables, such as storage.objects, comes from the user. */
export const POLICIES: Family = {
  ctes: `
    found as (
      select p.*, c.relnamespace, format('%I.%I', n.nspname, c.relname) as relation
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
      join pg_namespace n on n.oid = c.relnamespace
      where n.oid in (select oid from scope union select oid from platform) and not ${isMember("pg_class", "c.oid")})`,
  select: `
    select 'policy' as kind, format('%I on %s', polname, relation) as identity, 'pg_policy/' || oid as address,
      concat('create policy ', quote_ident(polname), ' on ', relation, case when not polpermissive then ' as restrictive' end,
        case polcmd when 'r' then ' for select' when 'a' then ' for insert' when 'w' then ' for update' when 'd' then ' for delete' end,
        ' to ' || (select string_agg(case when r = 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ' order by i)
          from unnest(polroles) with ordinality x(r, i)),
        ' using (' || pg_get_expr(polqual, polrelid) || ')',
        ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', ';') as sql,
      case when relnamespace not in (select oid from scope) then format(
        'to_regclass(%L) is not null and not exists (select from pg_catalog.pg_policy where polrelid = to_regclass(%L) and polname = %L)',
        relation, relation, polname) end as guard
    from found`,
};
