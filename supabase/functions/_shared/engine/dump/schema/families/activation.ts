import type { Family } from "../statement.ts";
import { isMember } from "../scope.ts";

const STATE = (column: string) =>
  `case ${column} when 'D' then 'disable' when 'R' then 'enable replica' when 'A' then 'enable always' else 'enable' end`;

/**
 * Triggers in scope, and triggers on the platform's tables that call a function of the user. Webhooks call
 * supabase_functions.http_request, and are skipped on a target without it.
 */
export const TRIGGERS: Family = {
  ctes: `
    found as (
      select t.*, c.relnamespace, format('%I.%I', n.nspname, c.relname) as relation, p.pronamespace,
        p.oid::regprocedure::text as function
      from pg_trigger t
      join pg_class c on c.oid = t.tgrelid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_proc p on p.oid = t.tgfoid
      where not t.tgisinternal and not ${isMember("pg_class", "c.oid")} and (
        c.relnamespace in (select oid from scope)
        or c.relnamespace in (select oid from platform) and (p.pronamespace in (select oid from scope)
          or p.pronamespace in (select oid from shared_function_schema)))),
    guarded as (
      select f.*, nullif(concat_ws(' and ',
        case when relnamespace not in (select oid from scope) then format(
          'to_regclass(%L) is not null and not exists (select from pg_catalog.pg_trigger where tgrelid = to_regclass(%L) and tgname = %L)',
          relation, relation, tgname) end,
        case when pronamespace in (select oid from platform) then format('to_regprocedure(%L) is not null', function) end), '') as guard
      from found f)`,
  select: `
    select 'trigger' as kind, format('%I on %s', tgname, relation) as identity, 'pg_trigger/' || oid as address, null::text as needs,
      pg_get_triggerdef(oid) || ';' as sql, guard
    from guarded where tgparentid = 0
    union all
    select 'trigger state', format('%I on %s', tgname, relation), null, 'pg_trigger/' || oid,
      format('alter table %s %s trigger %I;', relation, ${STATE("tgenabled")}, tgname),
      case when guard is not null then format(
        'exists (select from pg_catalog.pg_trigger where tgrelid = to_regclass(%L) and tgname = %L)', relation, tgname) end
    from guarded g
    where tgenabled <> coalesce((select p.tgenabled from pg_trigger p where p.oid = g.tgparentid), 'O')`,
};

export const EVENT_TRIGGERS: Family = {
  ctes: `
    found as (
      select e.*, p.oid::regprocedure::text as function, p.proname, n.nspname, n.oid in (select oid from scope) as is_ours
      from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_namespace n on n.oid = p.pronamespace
      where not ${isMember("pg_event_trigger", "e.oid")})`,
  // Event triggers of the platform call functions in its own schemas. Fresh projects have them.
  select: `
    select 'event trigger' as kind, quote_ident(evtname) as identity, 'pg_event_trigger/' || oid as address, null::text as needs,
      case when is_ours then format('create event trigger %I on %s%s execute function %I.%I();', evtname, evtevent,
        (select ' when tag in (' || string_agg(quote_literal(t), ', ') || ')' from unnest(evttags) t), nspname, proname) end as sql
    from found
    where is_ours or nspname in (select nspname from platform)
    union all
    select 'event trigger state', quote_ident(evtname), null, 'pg_event_trigger/' || oid,
      format('alter event trigger %I %s;', evtname, ${STATE("evtenabled")})
    from found where is_ours and evtenabled <> 'O'`,
};

/** Only where pg_cron is installed. A job without a name gets one, so that scheduling it twice makes one job. */
export const CRON_JOBS: Family = {
  ctes: `
    found as (
      select coalesce(jobname, 'job ' || jobid) as name, schedule, command, active, to_jsonb(j) ->> 'database' as database
      from cron.job j where database = current_database())`,
  select: `
    select 'cron job' as kind, quote_ident(name) as identity,
      format('select cron.schedule(%L, %L, %L);', name, schedule, command) as sql,
      'to_regnamespace(''cron'') is not null' as guard
    from found
    union all
    select 'cron job state', quote_ident(name),
      format('select cron.alter_job(job_id := jobid, active := false) from cron.job where jobname = %L;', name),
      'to_regnamespace(''cron'') is not null'
    from found where not active`,
};
