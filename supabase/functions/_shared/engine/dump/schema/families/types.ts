import type { Family } from "../statement.ts";
import { collationName, functionName, isMember, qualified } from "../scope.ts";

const TYPE_CTES = `
    found as (
      select t.*, format('%I.%I', n.nspname, t.typname) as name
      from pg_type t join scope n on n.oid = t.typnamespace
      where not ${isMember("pg_type", "t.oid")})`;

export const ENUM_TYPES: Family = {
  ctes: TYPE_CTES,
  select: `
    select 'enum type' as kind, name as identity, 'pg_type/' || oid as address,
      format('create type %s as enum (%s);', name,
        (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = found.oid)) as sql
    from found where typtype = 'e'`,
};

export const COMPOSITE_TYPES: Family = {
  ctes: TYPE_CTES,
  select: `
    select 'composite type' as kind, name as identity, 'pg_type/' || f.oid as address,
      format('create type %s as (%s);', name,
        (select string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
            case when a.attcollation <> t.typcollation then 'collate ' || ${collationName("a.attcollation")} end),
            ', ' order by a.attnum)
          from pg_attribute a join pg_type t on t.oid = a.atttypid
          where a.attrelid = f.typrelid and a.attnum > 0 and not a.attisdropped)) as sql
    from found f join pg_class c on c.oid = f.typrelid and c.relkind = 'c'
    where typtype = 'c'`,
};

/** A domain's checks are statements of their own, because they may call a function that takes the domain. */
export const DOMAINS: Family = {
  ctes: TYPE_CTES,
  select: `
    select 'domain' as kind, name as identity, 'pg_type/' || f.oid as address,
      format('create domain %s as %s%s%s%s;', name, format_type(f.typbasetype, f.typtypmod),
        case when f.typcollation <> b.typcollation then ' collate ' || ${collationName("f.typcollation")} end,
        case when f.typdefaultbin is not null then ' default ' || pg_get_expr(f.typdefaultbin, 0)
             when f.typdefault is not null then ' default ' || quote_literal(f.typdefault) end,
        case when f.typnotnull and not exists (select from pg_constraint c where c.contypid = f.oid and c.contype = 'n')
          then ' not null' end) as sql
    from found f join pg_type b on b.oid = f.typbasetype
    where f.typtype = 'd'
    union all
    -- Values that were there before a check that is not valid may break it, so it comes after them.
    select case when c.convalidated then 'domain constraint' else 'unproven domain constraint' end, format('%I on %s', c.conname, f.name), 'pg_constraint/' || c.oid,
      format('alter domain %s add constraint %I %s;', f.name, c.conname, pg_get_constraintdef(c.oid))
    from found f join pg_constraint c on c.contypid = f.oid`,
};

export const RANGE_TYPES: Family = {
  ctes: TYPE_CTES,
  select: `
    select 'range type' as kind, name as identity, 'pg_type/' || f.oid as address,
      format('create type %s as range (%s);', name, concat_ws(', ',
        'subtype = ' || format_type(r.rngsubtype, null),
        case when not o.opcdefault then 'subtype_opclass = ' || ${qualified("opclass", "opc", "r.rngsubopc")} end,
        case when r.rngcollation <> s.typcollation then 'collation = ' || ${collationName("r.rngcollation")} end,
        case when r.rngcanonical <> 0 then 'canonical = ' || ${functionName("r.rngcanonical")} end,
        case when r.rngsubdiff <> 0 then 'subtype_diff = ' || ${functionName("r.rngsubdiff")} end,
        'multirange_type_name = ' || ${qualified("type", "typ", "r.rngmultitypid")})) as sql
    from found f
    join pg_range r on r.rngtypid = f.oid
    join pg_type s on s.oid = r.rngsubtype
    join pg_opclass o on o.oid = r.rngsubopc
    where f.typtype = 'r'`,
};
