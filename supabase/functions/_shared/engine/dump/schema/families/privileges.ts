import type { Family } from "../statement.ts";
import { isMember } from "../scope.ts";
import { ACL_OBJECTS } from "./acl_objects.ts";

/** A role as GRANT names it. The role of the backup becomes current_user, and so that of the restore. */
function role(oid: string): string {
  return `case when ${oid} = 0 then 'public' when ${oid} = (select oid from me) then 'current_user'
    else quote_ident(pg_get_userbyid(${oid})) end`;
}

/** A platform role gets its objects only where the restoring role is its member; users' own roles always do. */
export const OWNERSHIP: Family = {
  ctes: ACL_OBJECTS,
  select: `
    select case owner_word when 'schema' then 'schema owner' else 'owner' end as kind, format('%s %s', owner_word, name) as identity,
      address as needs,
      format('alter %s %s owner to %I;', owner_word, name, pg_get_userbyid(owner)) as sql,
      case when owner in (select oid from platform_role) then
        format('exists (select from pg_catalog.pg_roles where rolname = %L and pg_catalog.pg_has_role(oid, %L))', pg_get_userbyid(owner), 'MEMBER')
      end as guard
    from owned_object o
    where owner <> (select oid from me) and name <> 'public'`,
};

/**
 * New tables of a new project are open to the API's roles by default privileges. So each object first loses all grants
 * and then gets exactly those of the origin; otherwise a table that was closed would come back open.
 */
export const GRANTS: Family = {
  ctes: `${ACL_OBJECTS},
    -- Access lists can neither be sorted nor hashed before 16, so they are taken apart before they are grouped.
    item as (
      select o.address, o.owner, x.grantee, x.is_grantable, array_agg(x.privilege_type order by x.privilege_type) as privileges
      from acl_object o cross join lateral aclexplode(coalesce(o.acl, o.usual)) x
      group by 1, 2, 3, 4),
    usual_item as (
      select o.address, x.grantee, array_agg(x.privilege_type order by x.privilege_type) as privileges
      from acl_object o cross join lateral aclexplode(o.usual) x
      group by 1, 2),
    object as (
      select o.address, o.grant_word, o.name, o.owner, usual_owner.privileges as whole,
        owners.privileges is distinct from usual_owner.privileges as is_owner_restricted,
        coalesce(publics.privileges = usual_public.privileges, false) as is_public_usual,
        usual_public.address is not null as has_public,
        granted.address is not null as is_granted
      from acl_object o
      join usual_item usual_owner on usual_owner.address = o.address and usual_owner.grantee = o.owner
      left join usual_item usual_public on usual_public.address = o.address and usual_public.grantee = 0
      left join item owners on owners.address = o.address and owners.grantee = o.owner and not owners.is_grantable
      left join item publics on publics.address = o.address and publics.grantee = 0
      left join (select distinct address from item where grantee not in (0, owner)) granted on granted.address = o.address),
    granted as (
      select o.address, o.grant_word, o.name, o.is_owner_restricted, i.is_grantable,
        case when i.privileges = o.whole then 'all' else lower(array_to_string(i.privileges, ', ')) end as privileges,
        string_agg(${role("i.grantee")}, ', ' order by i.grantee <> 0, pg_get_userbyid(i.grantee)) as roles
      from object o join item i on i.address = o.address
      where case i.grantee when o.owner then o.is_owner_restricted when 0 then not o.is_public_usual else true end
      group by 1, 2, 3, 4, 5, 6),
    column_item as (
      select c.oid, format('%I.%I', n.nspname, c.relname) as name, x.grantee, x.is_grantable, x.privilege_type,
        string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
      from pg_class c
      join scope n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      cross join lateral aclexplode(a.attacl) x
      where x.grantee <> c.relowner and not ${isMember("pg_class", "c.oid")}
      group by 1, 2, 3, 4, 5)`,
  select: `
    select case grant_word when 'schema' then 'schema revoke' else 'revoke' end as kind, format('%s %s', grant_word, name) as identity,
      address as needs,
      format('revoke all on %s %s from %s;', grant_word, name, concat_ws(', ',
        case when not is_public_usual then 'public' end,
        case when is_owner_restricted then ${role("owner")} end,
        r.roles)) as sql
    from object
    cross join (select string_agg(quote_ident(rolname), ', ' order by rolname) as roles from api_role) r
    where is_owner_restricted or is_granted or is_public_usual <> has_public
      or r.roles is not null and grant_word in ('table', 'sequence', 'routine')
    union all
    select case grant_word when 'schema' then 'schema grant' else 'grant' end, format('%s %s', grant_word, name), address,
      format('grant %s on %s %s to %s%s;', privileges, grant_word, name, roles, case when is_grantable then ' with grant option' end)
    from granted
    union all
    select 'grant', format('table %s', name), 'pg_class/' || oid,
      format('grant %s on table %s to %s%s;', string_agg(format('%s (%s)', lower(privilege_type), columns), ', ' order by privilege_type),
        name, ${role("grantee")}, case when is_grantable then ' with grant option' end)
    from column_item group by oid, name, grantee, is_grantable`,
};

/** Grants to users' own roles on objects that the platform or an extension makes. */
export const FOREIGN_GRANTS: Family = {
  ctes: `
    granted as (
      select format('table %I.%I', n.nspname, c.relname) as object, format('to_regclass(%L)', format('%I.%I', n.nspname, c.relname)) as lookup, x.*
      from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) x
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and (n.oid in (select oid from platform) or ${
    isMember("pg_class", "c.oid")
  })
      union all
      select 'routine ' || p.oid::regprocedure, format('to_regprocedure(%L)', p.oid::regprocedure::text), x.*
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace cross join lateral aclexplode(p.proacl) x
      where n.oid in (select oid from platform) or ${isMember("pg_proc", "p.oid")}
      union all
      select format('schema %I', n.nspname), format('to_regnamespace(%L)', quote_ident(n.nspname)), x.*
      from pg_namespace n cross join lateral aclexplode(n.nspacl) x
      where n.oid in (select oid from platform) and n.nspname <> 'information_schema')`,
  select: `
    select 'grant' as kind, object as identity, lookup || ' is not null' as guard,
      format('grant %s on %s to %I%s;', string_agg(lower(privilege_type), ', ' order by privilege_type), object,
        pg_get_userbyid(grantee), case when is_grantable then ' with grant option' end) as sql
    from granted
    where grantee <> 0 and grantee not in (select oid from platform_role union select oid from me)
    group by object, lookup, grantee, is_grantable`,
};

const OBJECT_WORD =
  `case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' when 'T' then 'types'
  when 'n' then 'schemas' when 'L' then 'large objects' end`;

/** Default privileges of the backup's role and of users' own roles. The platform sets those of its own roles. */
export const DEFAULT_PRIVILEGES: Family = {
  ctes: `
    found as (
      select d.*, n.nspname,
        case when d.defaclrole = (select oid from me) then '' else format(' for role %I', pg_get_userbyid(d.defaclrole)) end as for_role,
        d.defaclrole in (select p.oid from platform_role p where p.oid <> (select oid from me)) as is_platform
      from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
      where d.defaclnamespace = 0 or d.defaclnamespace in (select oid from scope)),
    reset as (
      select f.oid, f.for_role, f.nspname, f.defaclobjtype from found f where not f.is_platform
      union
      select f.oid, '', s.nspname, t.kind
      from scope s cross join (values ('r'::"char"), ('S'), ('f')) t(kind)
      left join found f on f.nspname = s.nspname and f.defaclobjtype = t.kind and f.for_role = ''
      where exists (select from api_role)),
    grantee as (
      select f.oid, f.for_role, f.nspname, f.defaclobjtype, x.grantee, x.is_grantable,
        string_agg(lower(x.privilege_type), ', ' order by x.privilege_type) as privileges
      from found f cross join lateral aclexplode(f.defaclacl) x
      where not f.is_platform
      group by 1, 2, 3, 4, 5, 6)`,
  select: `
    select 'default privileges revoke' as kind, 'pg_default_acl/' || oid as address,
      concat(${OBJECT_WORD}, ' in ' || quote_ident(nspname), for_role) as identity,
      format('alter default privileges%s%s revoke all on %s from %s;', for_role, ' in schema ' || quote_ident(nspname), ${OBJECT_WORD},
        concat_ws(', ', 'public', case when nspname is null then coalesce(nullif(replace(for_role, ' for role ', ''), ''), 'current_user') end,
          (select string_agg(quote_ident(rolname), ', ' order by rolname) from api_role))) as sql
    from reset
    union all
    select 'default privileges', null, concat(${OBJECT_WORD}, ' in ' || quote_ident(nspname), for_role),
      format('alter default privileges%s%s grant %s on %s to %s%s;', for_role, ' in schema ' || quote_ident(nspname), privileges, ${OBJECT_WORD},
        ${role("grantee")}, case when is_grantable then ' with grant option' end)
    from grantee
    union all
    select 'default privileges', 'pg_default_acl/' || oid, 'platform', null from found where is_platform`,
};
