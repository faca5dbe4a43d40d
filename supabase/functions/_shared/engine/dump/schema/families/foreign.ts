import type { Family } from "../statement.ts";
import { foreignOptionList, functionName, isMember } from "../scope.ts";

/** Words in the names of options that hold credentials. A reference into Vault counts too: the target has other ids. */
const SECRET_NAME = "'pass|secret|token|key|cred|conn|auth|dsn|private'";
/** Matches a URL that carries a password. */
const SECRET_VALUE = "'://[^/@]*:[^/@]*@'";

/** The options with every secret replaced, because none may leave the database. */
function withoutSecrets(array: string): string {
  return `(select array_agg(case when ${IS_SECRET} then split_part(o, '=', 1) || '=set again after the restore' else o end order by i)
    from unnest(${array}) with ordinality x(o, i))`;
}
const IS_SECRET = `(split_part(o, '=', 1) ~* ${SECRET_NAME} and o !~* '^password_required=' or o ~ ${SECRET_VALUE})`;

function secretNames(array: string): string {
  return `(select string_agg(split_part(o, '=', 1), ', ' order by i) from unnest(${array}) with ordinality x(o, i) where ${IS_SECRET})`;
}

function ledgerOfSecrets(kind: string, array: string): string {
  return `'The ${kind} holds secrets, which were replaced: ' || ${
    secretNames(array)
  } || '. Set them again after the restore.'`;
}

export const FOREIGN_DATA: Family = {
  ctes: `
    wrapper as (
      select w.*, ${withoutSecrets("w.fdwoptions")} as options from pg_foreign_data_wrapper w
      where w.oid >= 16384 and not ${isMember("pg_foreign_data_wrapper", "w.oid")}),
    server as (
      select s.*, ${withoutSecrets("s.srvoptions")} as options from pg_foreign_server s
      where not ${isMember("pg_foreign_server", "s.oid")}),
    mapping as (
      select m.*, ${withoutSecrets("m.umoptions")} as options,
        case when m.umuser = 0 then 'public' else quote_ident(m.usename) end as role
      from pg_user_mappings m join server s on s.oid = m.srvid)`,
  // A masked mapping goes to the ledger too, since options may be hidden from our role.
  select: `
    select 'foreign data wrapper' as kind, quote_ident(w.fdwname) as identity, 'pg_foreign_data_wrapper/' || w.oid as address,
      concat('create foreign data wrapper ', quote_ident(w.fdwname),
        case when w.fdwhandler <> 0 then ' handler ' || ${functionName("w.fdwhandler")} end,
        case when w.fdwvalidator <> 0 then ' validator ' || ${functionName("w.fdwvalidator")} end,
        ' options (' || ${foreignOptionList("w.options")} || ')', ';') as sql,
      ${ledgerOfSecrets("wrapper", "w.fdwoptions")} as reason
    from wrapper w
    union all
    select 'server', quote_ident(s.srvname), 'pg_foreign_server/' || s.oid,
      concat('create server ', quote_ident(s.srvname), ' type ' || quote_literal(s.srvtype), ' version ' || quote_literal(s.srvversion),
        ' foreign data wrapper ', quote_ident(w.fdwname), ' options (' || ${
    foreignOptionList("s.options")
  } || ')', ';'),
      ${ledgerOfSecrets("server", "s.srvoptions")}
    from server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
    union all
    select 'user mapping', format('%s server %I', m.role, m.srvname), 'pg_user_mapping/' || m.umid,
      concat('create user mapping for ', m.role, ' server ', quote_ident(m.srvname), ' options (' || ${
    foreignOptionList("m.options")
  } || ')', ';'),
      case when m.umoptions is null then 'The options of the mapping cannot be read, if it has any. Set them again after the restore.'
        else ${ledgerOfSecrets("mapping", "m.umoptions")} end
    from mapping m`,
};
