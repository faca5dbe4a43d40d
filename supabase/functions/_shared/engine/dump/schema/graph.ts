import type { Session } from "../../database.ts";
import type { Collected } from "./collect.ts";
import { SCOPE_CTES } from "./scope.ts";

/** Statements by line number, from 1. `after` is null where no statement meets the need. */
export interface StatementNeed {
  readonly statement: number;
  readonly after: number | null;
}

export interface MissingObject {
  readonly kind: string;
  readonly identity: string;
  /** The object is outside the scope, but an object in scope depends on it. */
  readonly is_elsewhere: boolean;
}

export function readEdges(session: Session, collected: Collected, signal?: AbortSignal): Promise<StatementNeed[]> {
  const needs = collected.rows.map((row) => row.needs ?? "").join("\n");
  return session.query<StatementNeed>(EDGES, [...collected.scope, addressesOf(collected), needs], signal);
}

export function readMissing(session: Session, collected: Collected, signal?: AbortSignal): Promise<MissingObject[]> {
  return session.query<MissingObject>(UNCOVERED, [...collected.scope, addressesOf(collected)], signal);
}

function addressesOf({ rows, ledger }: Collected): string {
  return [...rows, ...ledger].map((row) => row.address ?? "").join("\n");
}

/**
 * $8 holds the addresses of each statement, one statement a line. `resolved` maps catalogue objects to the statements
 * that make them: those that a statement names, and those that Postgres makes along with them (row types, indexes of
 * keys, toast tables, triggers of foreign keys, members of extensions).
 */
const RESOLVED_CTES = `
  node as materialized (
    select n.idx::int, split_part(a, '/', 1)::regclass::oid as classid, split_part(a, '/', 2)::oid as objid
    from string_to_table($8::text, chr(10)) with ordinality n(addresses, idx)
    cross join lateral string_to_table(n.addresses, ' ') a where a <> ''),
  resolved as (
    select classid, objid, idx, classid = 'pg_extension'::regclass as is_extension from node
    union
    select d.classid, d.objid, r.idx, r.is_extension
    from resolved r
    join pg_depend d on d.refclassid = r.classid and d.refobjid = r.objid
      and (d.deptype in ('i', 'P', 'e') or r.is_extension and d.deptype = 'a')
    left join node n on n.classid = d.classid and n.objid = d.objid
    where n.idx is null)`;

/**
 * Which statement must come after which, by line number. $9 holds further needs of each statement, one statement a
 * line. A need that no statement meets has `after` null.
 */
const EDGES = `with recursive ${SCOPE_CTES}, ${RESOLVED_CTES}
  select distinct a.idx as statement, b.idx as after
  from resolved a
  join pg_depend d on d.classid = a.classid and d.objid = a.objid and d.deptype in ('n', 'a')
  join resolved b on b.classid = d.refclassid and b.objid = d.refobjid
  where a.idx <> b.idx and (not a.is_extension or a.classid = 'pg_extension'::regclass)
    -- A sequence that a column owns is made before its table.
    and not (d.deptype = 'a' and d.classid = 'pg_class'::regclass
      and exists (select from pg_sequence s where s.seqrelid = d.objid))
  union
  select n.idx, b.idx
  from (select n.idx::int, split_part(a, '/', 1)::regclass::oid as classid, split_part(a, '/', 2)::oid as objid
    from string_to_table($9::text, chr(10)) with ordinality n(needs, idx)
    cross join lateral string_to_table(n.needs, ' ') a where a <> '') n
  left join resolved b on b.classid = n.classid and b.objid = n.objid`;

const IN_SCOPE: readonly (readonly [catalogue: string, namespace: string])[] = [
  ["pg_type", "typnamespace"],
  ["pg_proc", "pronamespace"],
  ["pg_operator", "oprnamespace"],
  ["pg_opclass", "opcnamespace"],
  ["pg_opfamily", "opfnamespace"],
  ["pg_conversion", "connamespace"],
  ["pg_collation", "collnamespace"],
  ["pg_constraint", "connamespace"],
  ["pg_ts_parser", "prsnamespace"],
  ["pg_ts_dict", "dictnamespace"],
  ["pg_ts_template", "tmplnamespace"],
  ["pg_ts_config", "cfgnamespace"],
  ["pg_statistic_ext", "stxnamespace"],
  ["pg_publication_namespace", "pnnspid"],
];

const ON_RELATION: readonly (readonly [catalogue: string, relation: string, condition?: string])[] = [
  ["pg_class", "oid"],
  ["pg_attrdef", "adrelid"],
  // Internal triggers are made by constraints, also by foreign keys of tables out of scope.
  ["pg_trigger", "tgrelid", "not x.tgisinternal"],
  ["pg_rewrite", "ev_class"],
  ["pg_policy", "polrelid"],
  ["pg_publication_rel", "prrelid"],
];

/** Catalogues without a schema. Their rows with oid 16384 and up are the user's and belong to the whole database. */
const OF_DATABASE = [
  "pg_event_trigger",
  "pg_foreign_data_wrapper",
  "pg_foreign_server",
  "pg_language",
  "pg_am",
  "pg_transform",
  "pg_extension",
];

const UNIVERSE_CTES = `
  relation as (select c.oid, c.relnamespace in (select oid from scope) as is_in_scope from pg_class c
    where c.relnamespace in (select oid from scope union select oid from platform)),
  universe as (
    ${
  IN_SCOPE.map(([catalogue, namespace]) =>
    `select '${catalogue}'::regclass::oid as classid, x.oid as objid from ${catalogue} x join scope n on n.oid = x.${namespace}`
  ).concat(
    ON_RELATION.map(([catalogue, relation, condition = "true"]) =>
      `select '${catalogue}'::regclass, x.oid from ${catalogue} x join relation r on r.oid = x.${relation} and r.is_in_scope
        and ${condition}`
    ),
    // Triggers and policies on the platform's tables are the user's when they depend on objects in scope.
    ["pg_trigger", "pg_policy"].map((catalogue) =>
      `select d.classid, d.objid from resolved s join pg_depend d on d.refclassid = s.classid and d.refobjid = s.objid
        and d.classid = '${catalogue}'::regclass and d.deptype in ('n', 'a') and not s.is_extension
      join ${catalogue} x on x.oid = d.objid join relation r on r.oid = x.${
        catalogue === "pg_policy" ? "polrelid" : "tgrelid"
      }`
    ),
    OF_DATABASE.map((catalogue) => `select '${catalogue}'::regclass, oid from ${catalogue} where oid >= 16384`),
    [
      `select 'pg_cast'::regclass, c.oid from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
        where c.oid >= 16384 and exists (select from scope where oid in (s.typnamespace, t.typnamespace))`,
      `select 'pg_publication'::regclass, oid from pg_publication where pubname not in (select pubname from platform_publication)`,
      `select 'pg_subscription'::regclass, oid from pg_subscription
        where subdbid = (select oid from pg_database where datname = current_database())`,
      // Only superusers may read the catalogue pg_user_mapping itself.
      `select 'pg_user_mapping'::regclass, umid from pg_user_mappings`,
      `select 'pg_default_acl'::regclass, oid from pg_default_acl
        where defaclnamespace = 0 or defaclnamespace in (select oid from scope)`,
    ],
  ).join("\n    union ")
})`;

/**
 * The completeness check: finds every object in scope that no statement makes and no ledger entry names, and every
 * object elsewhere that one in scope needs.
 */
const UNCOVERED = `with recursive ${SCOPE_CTES}, ${RESOLVED_CTES}, ${UNIVERSE_CTES},
  missing as (
    select u.classid, u.objid, false as is_elsewhere
    from universe u left join resolved r on r.classid = u.classid and r.objid = u.objid
    where r.idx is null and u.objid >= 16384
      and not exists (select from pg_extension p where p.extname = 'plpgsql' and p.oid = u.objid)
    union
    select d.refclassid, d.refobjid, true
    from resolved a
    join pg_depend d on d.classid = a.classid and d.objid = a.objid and d.deptype in ('n', 'a')
    left join resolved b on b.classid = d.refclassid and b.objid = d.refobjid
    where b.idx is null and not a.is_extension and d.refobjid >= 16384)
  select o.type as kind, o.identity, m.is_elsewhere
  from missing m cross join lateral pg_identify_object(m.classid, m.objid, 0) o
  -- Neither members of extensions nor what is part of another object, which is named itself.
  where not exists (select from pg_depend e where e.classid = m.classid and e.objid = m.objid and e.deptype in ('e', 'i'))
    and (not m.is_elsewhere or o.schema is not null
      and o.schema not in (select nspname from scope union select nspname from platform))
  order by 1, 2`;
