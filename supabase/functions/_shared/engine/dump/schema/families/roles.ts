import type { Family } from "../statement.ts";
import { isMember } from "../scope.ts";
import { ACL_OBJECTS } from "./acl_objects.ts";

/**
 * Each role that a statement names, made as a NOLOGIN role where it is missing. A restoring role that is no superuser
 * must join the roles it makes, since otherwise it could not give them objects.
 */
export const ROLES: Family = {
  ctes: `${ACL_OBJECTS},
    named as (
      select owner as oid from owned_object
      union select x.grantee from acl_object cross join lateral aclexplode(acl) x
      union select x.grantee from pg_attribute a join pg_class c on c.oid = a.attrelid join scope n on n.oid = c.relnamespace
        cross join lateral aclexplode(a.attacl) x
      union select d.defaclrole from pg_default_acl d where d.defaclrole not in (select oid from platform_role)
      union select x.grantee from pg_default_acl d cross join lateral aclexplode(d.defaclacl) x
        where d.defaclrole not in (select p.oid from platform_role p where p.oid <> (select oid from me))
      union select unnest(p.polroles) from pg_policy p join pg_class c on c.oid = p.polrelid
        where c.relnamespace in (select oid from scope union select oid from platform) and not ${
    isMember("pg_class", "c.oid")
  }
      union select umuser from pg_user_mappings
      union select oid from api_role
      -- Roles of the user on objects of the platform.
      union select refobjid from pg_shdepend
        where refclassid = 'pg_authid'::regclass and refobjid not in (select oid from platform_role)
          and dbid = (select oid from pg_database where datname = current_database())),
    used as (
      select r.* from pg_roles r where r.oid in (select oid from named union
        select m.member from pg_auth_members m join named n on n.oid = m.roleid where m.roleid not in (select oid from platform_role))
        and r.oid <> (select oid from me) and not starts_with(r.rolname, 'pg_')),
    membership as (
      select distinct g.rolname as granted, g.oid as granted_oid, m.rolname as member, m.oid as member_oid,
        -- Besides ADMIN there are two more since 16.
        nullif(concat_ws(', ', case when a.admin_option then 'admin true' end,
          case when to_jsonb(a) ->> 'inherit_option' = 'false' and m.rolinherit then 'inherit false' end,
          case when to_jsonb(a) ->> 'set_option' = 'false' then 'set false' end), '') as options
      from pg_auth_members a
      join pg_roles g on g.oid = a.roleid
      join pg_roles m on m.oid = a.member
      where m.oid <> (select oid from me) and (g.oid in (select oid from used) and g.oid not in (select oid from platform_role)
        or m.oid in (select oid from used) and m.oid not in (select oid from platform_role)))`,
  select: `
    select 'role' as kind, quote_ident(rolname) as identity,
      format('create role %I nologin%s; if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then grant %I to current_user; end if;',
        rolname, case when not rolinherit then ' noinherit' end, rolname) as sql,
      format('not exists (select from pg_catalog.pg_roles where rolname = %L)', rolname) as guard,
      case when rolcanlogin and oid not in (select oid from platform_role)
        then 'The role comes back without login: passwords cannot be read. Give it one with ALTER ROLE … LOGIN PASSWORD.' end as reason
    from used
    union all
    select 'role membership', format('%I in %I', member, granted),
      case when not starts_with(granted, 'pg_') then format('grant %I to %I%s;', granted, member, ' with ' || replace(options, 'admin true', case when options = 'admin true' then 'admin option' else 'admin true' end)) end,
      format('exists (select from pg_catalog.pg_roles where rolname = %L) and exists (select from pg_catalog.pg_roles where rolname = %L) '
        || 'and not exists (select from pg_catalog.pg_auth_members a where a.roleid = (select oid from pg_catalog.pg_roles where rolname = %L) '
        || 'and a.member = (select oid from pg_catalog.pg_roles where rolname = %L))', granted, member, granted, member),
      case when starts_with(granted, 'pg_') then format('A predefined role is not ours to grant. Where it is wanted: GRANT %I TO %I.', granted, member) end
    from membership`,
};

/**
 * Settings of the database and of roles that users tune. Custom settings often hold keys, and a hosted project refuses
 * those for superusers, so of both only the name is recorded.
 */
export const SETTINGS: Family = {
  ctes: `
    found as (
      select r.rolname, s.setdatabase <> 0 as is_of_database, s.setrole in (select oid from platform_role) as is_platform, split_part(c, '=', 1) as name, substr(c, strpos(c, '=') + 1) as value,
        coalesce(g.context = 'user', starts_with(c, 'pgrst.') and split_part(c, '=', 1) !~* 'secret|key|pass') as is_safe
      from pg_db_role_setting s
      cross join lateral unnest(s.setconfig) c
      left join pg_roles r on r.oid = s.setrole
      left join pg_settings g on g.name = split_part(c, '=', 1)
      where (s.setrole <> 0 or s.setdatabase <> 0) and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and (s.setrole = 0 or s.setrole in (select oid from api_role) or r.rolname = 'authenticator'
          or s.setrole not in (select oid from platform_role))),
    assignment as (
      select f.*, concat(name, ' of ', coalesce('role ' || quote_ident(rolname), 'the database')) as identity,
        (select string_agg(quote_ident(x), '.') from string_to_table(name, '.') x) || ' to ' ||
          -- A list is kept as the list of quoted names that it was given as.
          case when name in ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')
            then value else quote_literal(value) end as assignment
      from found f)`,
  select: `
    select 'setting' as kind, identity,
      -- Settings do not hold data: where the target forbids one, that is said and the restore goes on.
      case when is_safe then format('begin %s exception when insufficient_privilege then raise warning ''%%'', sqlerrm; end;',
        case when is_of_database then format('execute format(%L, current_database());', concat('alter ',
            'role ' || quote_ident(replace(rolname, '%', '%%')) || ' in ', 'database %I set ', replace(assignment, '%', '%%')))
          else format('alter role %I set %s;', rolname, assignment) end) end as sql,
      case when rolname is null then 'true'
        else format('exists (select from pg_catalog.pg_roles where rolname = %L)', rolname) end as guard,
      case when not is_safe and not is_platform then 'Its value may be a secret, or only a superuser may set it. Set it again after the restore.' end as reason
    from assignment`,
};
