import { isMember } from "../scope.ts";

/** Objects that are left out on purpose: kind, identity, reason and, where an object is accounted for, address. */
export const LEDGER = `
    select 'subscription' as kind, quote_ident(s.subname) as identity, 'pg_subscription/' || s.oid as address,
      'It holds the password of another server. Make it again after the restore.' as reason
    from pg_subscription s where s.subdbid = (select oid from pg_database where datname = current_database())
    union all
    select 'large object', count(*) || ' large objects', null,
      'Large objects are not captured. Keep files in Storage, or take them with pg_dump --large-objects.'
    from pg_largeobject_metadata having count(*) > 0
    union all
    select 'security label', format('%s %s (%s)', l.objtype, l.objname, l.provider), null,
      'Labels belong to a security provider, which the target may not have loaded.'
    from pg_seclabels l where l.objnamespace in (select oid from scope)
    union all
    select 'schema', quote_ident(n.nspname), null, 'It is not among the schemas to back up.'
    from pg_namespace n
    where n.oid not in (select oid from scope union select oid from platform)
      and not starts_with(n.nspname, 'pg_') and not ${isMember("pg_namespace", "n.oid")}
      and exists (
        select from pg_class c where c.relnamespace = n.oid and not ${isMember("pg_class", "c.oid")}
        union all
        select from pg_proc p where p.pronamespace = n.oid and not ${isMember("pg_proc", "p.oid")})
    union all
    -- The platform's own objects belong to its own roles.
    select o.kind, o.identity, null, 'It was added to a schema of the platform, whose objects are not captured. Move it to a schema of yours.'
    from (
      select 'function' as kind, p.oid::regprocedure::text as identity, p.pronamespace as namespace, p.proowner as owner
      from pg_proc p where not ${isMember("pg_proc", "p.oid")}
      union all
      select 'relation', format('%I.%I', n.nspname, c.relname), n.oid, c.relowner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and not ${isMember("pg_class", "c.oid")}) o
    join platform n on n.oid = o.namespace
    join pg_namespace s on s.oid = n.oid
    where n.nspname in ('auth', 'storage', 'realtime', 'extensions', 'vault') and s.nspowner <> o.owner
      and o.owner not in (select oid from platform_role where rolname <> 'postgres')`;
