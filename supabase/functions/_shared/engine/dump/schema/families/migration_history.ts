import type { Family } from "../statement.ts";

/**
 * The Supabase CLI's tables of migrations. Every dump holds their rows, but a new project has the tables only after its
 * first `db push`. https://github.com/supabase/cli/blob/develop/pkg/migration/history.go
 */
export const MIGRATION_HISTORY: Family = {
  ctes: `
    history as (
      select c.oid, format('%I.%I', n.nspname, c.relname) as name, n.nspname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'supabase_migrations' and c.relname in ('schema_migrations', 'seed_files') and c.relkind = 'r')`,
  select: `
    select distinct 'schema' as kind, nspname::text as identity, format('create schema if not exists %I;', nspname) as sql
    from history
    union all
    select 'table', h.name, format(E'create table if not exists %s (\\n%s\\n);', h.name, concat_ws(E',\\n',
      (select string_agg(format('  %I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end),
        E',\\n' order by a.attnum) from pg_attribute a where a.attrelid = h.oid and a.attnum > 0 and not a.attisdropped),
      (select string_agg('  ' || pg_get_constraintdef(k.oid), E',\\n' order by k.conname) from pg_constraint k
        where k.conrelid = h.oid and k.contype in ('p', 'u'))))
    from history h`,
};
