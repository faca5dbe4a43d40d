import type { Session } from "../database.ts";
import { hasCode } from "../errors.ts";
import { type CatalogueTable, readCatalogue } from "../catalogue/catalogue.ts";
import { pinSettings } from "../catalogue/pin_settings.ts";
import { quoteTable, tableName } from "../format/sql_names.ts";

/** What a plan knows about the database to restore into. */
export interface Target {
  readonly database: string;
  readonly role: string;
  readonly serverVersion: string;
  readonly serverVersionNumber: number;
  readonly encoding: string;
  /** False on a plain PostgreSQL, where the preamble first makes the roles and schemas of a Supabase project. */
  readonly isProject: boolean;
  /** True if the role may set session_replication_role, so that no trigger or foreign key acts during the load. */
  readonly mayUseReplicaRole: boolean;
  readonly availableExtensions: readonly string[];
  readonly tables: readonly TargetTable[];
  /** Every object in the schemas of the point, as `kind identity`; see `readObjects`. */
  readonly objects: readonly string[];
}

export interface TargetTable extends CatalogueTable {
  readonly hasRows: boolean;
  /** Columns for which an insert must give a value. */
  readonly requiredColumns: readonly string[];
  /** Triggers that would fire during the load, with the keyword that enables them as they are now. */
  readonly firingTriggers: readonly { readonly name: string; readonly enable: string }[];
  /** True when the role may change the table, for example switch triggers off. */
  readonly owned: boolean;
}

/** Longest wait for a lock, in milliseconds. Longer work of somebody else is reported, not waited for. */
const LOCK_TIMEOUT_MS = 60_000;

/** Makes a session read and write values exactly as the dump did. */
export async function prepareSession(session: Session, signal?: AbortSignal): Promise<void> {
  await pinSettings(session, LOCK_TIMEOUT_MS, signal);
  // The dump forbids users' views, as pg_dump does, but filling a materialised view reads them.
  await session.query(
    `select pg_catalog.set_config(name, '', false) from pg_catalog.pg_settings
     where name = 'restrict_nonsystem_relation_kind'`,
    undefined,
    signal,
  );
}

/** Reads the target and writes nothing. `schemas` are those of the point. */
export async function readTarget(session: Session, schemas: readonly string[], signal?: AbortSignal): Promise<Target> {
  const [row] = await session.query<Omit<Target, "tables" | "objects" | "mayUseReplicaRole">>(
    `select pg_catalog.current_database() as database, current_user as role,
       pg_catalog.current_setting('server_version') as "serverVersion",
       pg_catalog.current_setting('server_version_num')::int4 as "serverVersionNumber",
       pg_catalog.current_setting('server_encoding') as encoding,
       pg_catalog.to_regclass('auth.users') is not null and pg_catalog.to_regnamespace('storage') is not null
         and pg_catalog.to_regnamespace('extensions') is not null
         and (select pg_catalog.count(*) from pg_catalog.pg_roles
           where rolname in ('anon', 'authenticated', 'service_role', 'authenticator')) = 4 as "isProject",
       (select pg_catalog.json_agg(name order by name) from pg_catalog.pg_available_extensions) as "availableExtensions"`,
    undefined,
    signal,
  );
  const mayUseReplicaRole = await mayBecomeReplica(session, signal);
  return {
    ...row,
    mayUseReplicaRole,
    tables: await readTables(session, schemas, mayUseReplicaRole, signal),
    objects: await readObjects(session, schemas, signal),
  };
}

/** Tries it, because no privilege shows that an extension of the platform allows it. */
async function mayBecomeReplica(session: Session, signal?: AbortSignal): Promise<boolean> {
  try {
    await session.query("begin; set local session_replication_role = replica; rollback", undefined, signal);
    return true;
  } catch (error) {
    await session.query("rollback", undefined, signal);
    if (hasCode(error, "permission_denied")) return false;
    throw error;
  }
}

/** The tables of the target that can be loaded, as they are now. */
export async function readTables(
  session: Session,
  schemas: readonly string[],
  asReplica: boolean,
  signal?: AbortSignal,
): Promise<TargetTable[]> {
  const scope = { schemas: [...schemas], excludedTables: [], excludedColumns: [] };
  const { tables } = await readCatalogue(session, scope, signal);
  if (tables.length === 0) return [];
  const more = await session.query<Pick<TargetTable, "oid" | "requiredColumns" | "firingTriggers" | "owned">>(
    `select c.oid::text as oid, pg_catalog.pg_has_role(c.relowner, 'USAGE') as owned,
       coalesce((select pg_catalog.json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
         join pg_catalog.pg_type t on t.oid = a.atttypid
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
           and a.attidentity = '' and t.typdefault is null), '[]') as "requiredColumns",
       coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object('name', g.tgname, 'enable',
           case g.tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' else 'enable' end) order by g.tgname)
         from pg_catalog.pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal
           and g.tgenabled = any (case when $2 then '{A,R}' else '{O,A}' end::"char"[])), '[]') as "firingTriggers"
     from pg_catalog.pg_class c where c.oid = any ($1::oid[])`,
    [tables.map((table) => table.oid), asReplica],
    signal,
  );
  const byOid = new Map(more.map((row) => [row.oid, row]));
  const filled = await tablesWithRows(session, tables, signal);
  return tables.map((table) => ({ ...table, ...byOid.get(table.oid)!, hasRows: filled.has(tableName(table)) }));
}

async function tablesWithRows(
  session: Session,
  tables: readonly CatalogueTable[],
  signal?: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const table of tables) {
    const [{ filled }] = await session.query<{ filled: boolean }>(
      `select exists (select from only ${quoteTable(table)}) as filled`,
      undefined,
      signal,
    );
    if (filled) found.add(tableName(table));
  }
  return found;
}

/**
 * Objects that could conflict with a statement: `relation`, `type` and `routine`, named as statements name them.
 * Objects of extensions are none, since `create extension if not exists` makes them.
 */
async function readObjects(session: Session, schemas: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const isMember = (catalogue: string) =>
    `exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.${catalogue}'::pg_catalog.regclass
       and d.objid = o.oid and d.deptype = 'e')`;
  const rows = await session.query<{ object: string }>(
    `with scope as (select oid, nspname from pg_catalog.pg_namespace where nspname = any ($1::text[]))
     select 'relation ' || pg_catalog.format('%I.%I', s.nspname, o.relname) as object
     from pg_catalog.pg_class o join scope s on s.oid = o.relnamespace
     where o.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not ${isMember("pg_class")}
     union all
     select 'type ' || pg_catalog.format('%I.%I', s.nspname, o.typname)
     from pg_catalog.pg_type o join scope s on s.oid = o.typnamespace
     where (o.typtype in ('e', 'd', 'r') or exists (select from pg_catalog.pg_class c where c.oid = o.typrelid and c.relkind = 'c'))
       and not ${isMember("pg_type")}
     union all
     select 'routine ' || o.oid::pg_catalog.regprocedure::text
     from pg_catalog.pg_proc o join scope s on s.oid = o.pronamespace
     where not ${isMember("pg_proc")}
     order by 1`,
    [schemas],
    signal,
  );
  return rows.map((row) => row.object);
}

/** `"schema"."table"` as PostgreSQL itself and so the backup's statements write it, quoted only where needed. */
export async function formatNames(
  session: Session,
  tables: readonly { readonly schema: string; readonly name: string }[],
  signal?: AbortSignal,
): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select pg_catalog.format('%I.%I', s, n) as name
     from unnest($1::text[], $2::text[]) with ordinality as t(s, n, i) order by i`,
    [tables.map((table) => table.schema), tables.map((table) => table.name)],
    signal,
  );
  return rows.map((row) => row.name);
}
