import type { Family } from "../statement.ts";
import { functionName, isMember, operatorName } from "../scope.ts";

export const FUNCTIONS: Family = {
  select: `
    select 'function' as kind, p.oid::regprocedure::text as identity, 'pg_proc/' || p.oid as address,
      rtrim(pg_get_functiondef(p.oid), E'\\n') || ';' as sql
    from pg_proc p join scope n on n.oid = p.pronamespace
    where p.prokind <> 'a' and not ${isMember("pg_proc", "p.oid")}
      -- Constructors of range types are made with the type.
      and not exists (select from pg_depend i
        where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')`,
};

const modify = (flag: string) =>
  `case ${flag} when 'r' then 'read_only' when 's' then 'shareable' else 'read_write' end`;
const DEFAULT_MODIFY = `case when a.aggkind = 'n' then 'r' else 'w' end`;

export const AGGREGATES: Family = {
  select: `
    select 'aggregate' as kind, p.oid::regprocedure::text as identity, 'pg_proc/' || p.oid as address,
      format('create aggregate %I.%I(%s) (%s);', n.nspname, p.proname,
        case when p.pronargs = 0 then '*' else pg_get_function_arguments(p.oid) end, concat_ws(', ',
          'sfunc = ' || ${functionName("a.aggtransfn")},
          'stype = ' || format_type(a.aggtranstype, null),
          case when a.aggtransspace <> 0 then 'sspace = ' || a.aggtransspace end,
          case when a.aggfinalfn <> 0 then 'finalfunc = ' || ${functionName("a.aggfinalfn")} end,
          case when a.aggfinalextra then 'finalfunc_extra' end,
          case when a.aggfinalfn <> 0 and a.aggfinalmodify <> ${DEFAULT_MODIFY}
            then 'finalfunc_modify = ' || ${modify("a.aggfinalmodify")} end,
          case when a.aggcombinefn <> 0 then 'combinefunc = ' || ${functionName("a.aggcombinefn")} end,
          case when a.aggserialfn <> 0 then 'serialfunc = ' || ${functionName("a.aggserialfn")} end,
          case when a.aggdeserialfn <> 0 then 'deserialfunc = ' || ${functionName("a.aggdeserialfn")} end,
          'initcond = ' || quote_literal(a.agginitval),
          case when a.aggmtransfn <> 0 then 'msfunc = ' || ${functionName("a.aggmtransfn")} end,
          case when a.aggminvtransfn <> 0 then 'minvfunc = ' || ${functionName("a.aggminvtransfn")} end,
          case when a.aggmtranstype <> 0 then 'mstype = ' || format_type(a.aggmtranstype, null) end,
          case when a.aggmtransspace <> 0 then 'msspace = ' || a.aggmtransspace end,
          case when a.aggmfinalfn <> 0 then 'mfinalfunc = ' || ${functionName("a.aggmfinalfn")} end,
          case when a.aggmfinalextra then 'mfinalfunc_extra' end,
          case when a.aggmfinalfn <> 0 and a.aggmfinalmodify <> ${DEFAULT_MODIFY}
            then 'mfinalfunc_modify = ' || ${modify("a.aggmfinalmodify")} end,
          'minitcond = ' || quote_literal(a.aggminitval),
          case when a.aggsortop <> 0 then 'sortop = ' || ${operatorName("a.aggsortop")} end,
          case when a.aggkind = 'h' then 'hypothetical' end,
          case p.proparallel when 's' then 'parallel = safe' when 'r' then 'parallel = restricted' end)) as sql
    from pg_proc p
    join scope n on n.oid = p.pronamespace
    join pg_aggregate a on a.aggfnoid = p.oid
    where not ${isMember("pg_proc", "p.oid")}`,
};

/** A commutator or negator that does not exist yet becomes a shell, which its own statement fills later. */
export const OPERATORS: Family = {
  select: `
    select 'operator' as kind, o.oid::regoperator::text as identity, 'pg_operator/' || o.oid as address,
      format('create operator %I.%s (%s);', n.nspname, o.oprname, concat_ws(', ',
        'function = ' || ${functionName("o.oprcode")},
        case when o.oprleft <> 0 then 'leftarg = ' || format_type(o.oprleft, null) end,
        'rightarg = ' || format_type(o.oprright, null),
        case when o.oprcom <> 0 then 'commutator = ' || ${operatorName("o.oprcom")} end,
        case when o.oprnegate <> 0 then 'negator = ' || ${operatorName("o.oprnegate")} end,
        case when o.oprrest <> 0 then 'restrict = ' || ${functionName("o.oprrest")} end,
        case when o.oprjoin <> 0 then 'join = ' || ${functionName("o.oprjoin")} end,
        case when o.oprcanhash then 'hashes' end,
        case when o.oprcanmerge then 'merges' end)) as sql
    from pg_operator o join scope n on n.oid = o.oprnamespace
    where o.oprcode <> 0 and not ${isMember("pg_operator", "o.oid")}`,
};

/** Casts have no schema, so these are the casts whose type or function is in scope. */
export const CASTS: Family = {
  select: `
    select 'cast' as kind, o.identity, 'pg_cast/' || c.oid as address,
      format('create cast (%s as %s) %s%s;', format_type(c.castsource, null), format_type(c.casttarget, null),
        case c.castmethod when 'f' then 'with function ' || c.castfunc::regprocedure
          when 'i' then 'with inout' else 'without function' end,
        case c.castcontext when 'a' then ' as assignment' when 'i' then ' as implicit' end) as sql
    from pg_cast c
    join pg_type s on s.oid = c.castsource
    join pg_type t on t.oid = c.casttarget
    left join pg_proc p on p.oid = c.castfunc
    cross join lateral pg_identify_object('pg_cast'::regclass, c.oid, 0) o
    where c.oid >= 16384 and not ${isMember("pg_cast", "c.oid")}
      -- From a range to its multirange: made with the type.
      and not exists (select from pg_depend i
        where i.classid = 'pg_cast'::regclass and i.objid = c.oid and i.deptype = 'i')
      and exists (select from scope where oid in (s.typnamespace, t.typnamespace, p.pronamespace))`,
};

export const CONVERSIONS: Family = {
  select: `
    select 'conversion' as kind, format('%I.%I', n.nspname, c.conname) as identity, 'pg_conversion/' || c.oid as address,
      format('create %sconversion %I.%I for %L to %L from %s;', case when c.condefault then 'default ' end,
        n.nspname, c.conname, pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding),
        ${functionName("c.conproc")}) as sql
    from pg_conversion c join scope n on n.oid = c.connamespace
    where not ${isMember("pg_conversion", "c.oid")}`,
};
