import type { Catalogue, CatalogueColumn, CatalogueTable, DumpScope } from "../../contract/dump_state.ts";
import type { LedgerEntry } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { tableName } from "../format/sql_names.ts";

// A dump carries them from one invocation to the next, as JSON.
export type { Catalogue, CatalogueColumn, CatalogueTable, DumpScope };

/** Schemas and single tables of the platform that are part of every dump. */
const ALWAYS_SCHEMAS = ["auth"];
const ALWAYS_TABLES = ["storage.buckets", "supabase_migrations.schema_migrations", "supabase_migrations.seed_files"];
/** The platform's record of its own migrations is never dumped: a new project has a record of its own. */
const NEVER_TABLES = ["auth.schema_migrations"];

const CATALOGUE_SQL = `
with recursive domain_base as (
  select oid, typbasetype as base from pg_catalog.pg_type where typtype = 'd'
  union all
  select d.oid, t.typbasetype from domain_base d join pg_catalog.pg_type t on t.oid = d.base where t.typtype = 'd'
), base as (
  select d.oid, d.base from domain_base d join pg_catalog.pg_type t on t.oid = d.base where t.typtype <> 'd'
), scoped as (
  select c.*, n.nspname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
    and (n.nspname = any ($1::text[]) or n.nspname || '.' || c.relname = any ($2::text[]))
    and n.nspname || '.' || c.relname <> all ($3::text[])
)
select c.oid::text as oid, c.nspname as schema, c.relname as name,
  case c.relkind when 'p' then 'partitioned table' else 'table' end as kind,
  c.relkind = 'f' as foreign,
  coalesce(c.relkind = 'r' and am.amname = 'heap', false) as heap,
  coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)) > 0, false) as toasted,
  greatest(c.reltuples, 0)::float8 as "estimatedRows",
  coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object('schema', s.nspname, 'name', p.relname) order by p.oid)
    from pg_catalog.pg_partition_ancestors(c.oid) as above
    join pg_catalog.pg_class p on p.oid = above.relid and p.oid <> c.oid
    join pg_catalog.pg_namespace s on s.oid = p.relnamespace), '[]') as "partitionOf",
  pg_catalog.has_table_privilege(c.oid, 'select') and pg_catalog.has_schema_privilege(c.relnamespace, 'usage') as readable,
  (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e' limit 1) as extension,
  coalesce((select pg_catalog.json_agg(a.attname order by k.position)
    from pg_catalog.pg_index i
    cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(attnum, position)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary), '[]') as "primaryKey",
  coalesce((select pg_catalog.json_agg(distinct f.confrelid::text) from pg_catalog.pg_constraint f
    where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid), '[]') as references,
  coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull,
      'generated', case when a.attidentity = 'a' then 'always' when a.attidentity = 'd' then 'by default'
        when a.attgenerated = 's' then 'stored' when a.attgenerated = 'v' then 'virtual' end,
      'baseType', t.oid::int8,
      'structured', t.typtype in ('c', 'r', 'm') or t.typcategory = 'A' or t.typelem <> 0 and t.typlen = -1) order by a.attnum)
    from pg_catalog.pg_attribute a
    left join base b on b.oid = a.atttypid
    join pg_catalog.pg_type t on t.oid = coalesce(b.base, a.atttypid)
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns
from scoped c left join pg_catalog.pg_am am on am.oid = c.relam
order by c.nspname collate "C", c.relname collate "C"`;

/**
 * Reads which tables exist. Before the snapshot is taken, the answer says which tables to lock; inside the dump's
 * transaction it describes what the snapshot sees.
 */
export async function readCatalogue(session: Session, scope: DumpScope, signal?: AbortSignal): Promise<Catalogue> {
  const rows = await session.query<CatalogueTable>(
    CATALOGUE_SQL,
    [[...scope.schemas, ...ALWAYS_SCHEMAS], ALWAYS_TABLES, NEVER_TABLES],
    signal,
  );
  const tables: CatalogueTable[] = [];
  const ledger = await readUnmatched(session, scope, signal);
  for (const table of rows) {
    const omission = omissionOf(table, scope);
    if (omission) ledger.push({ kind: "table", identity: tableName(table), ...omission });
    else tables.push(table);
  }
  return { tables, ledger };
}

const UNMATCHED_SQL = `
select wanted.name as schema, null as "table", null as "column" from pg_catalog.unnest($1::text[]) as wanted(name)
where not exists (select from pg_catalog.pg_namespace n where n.nspname = wanted.name)
union all
select e.schema, e."table", e."column"
from pg_catalog.json_to_recordset($2::text::json) as e(schema text, "table" text, "column" text)
where not exists (
  select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = e.schema and c.relname = e."table" and c.relkind in ('r', 'p', 'f')
    and (e."column" is null or exists (select from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attname = e."column" and a.attnum > 0 and not a.attisdropped)))
order by 1, 2, 3`;

/**
 * Reads which settings name a schema, table or column that does not exist. A misspelt setting would otherwise leave a
 * whole schema out of the backup, or keep what the owner wants left out, and nobody would notice.
 */
async function readUnmatched(session: Session, scope: DumpScope, signal?: AbortSignal): Promise<LedgerEntry[]> {
  const rows = await session.query<{ schema: string; table: string | null; column: string | null }>(
    UNMATCHED_SQL,
    [scope.schemas, JSON.stringify([...scope.excludedTables, ...scope.excludedColumns])],
    signal,
  );
  return rows.map(({ schema, table, column }): LedgerEntry => {
    if (table === null) {
      return {
        kind: "schema",
        identity: schema,
        reason: "BACKUP_SCHEMAS names it, but the database has no such schema",
        severity: "missing",
      };
    }
    const name = tableName({ schema, name: table });
    return {
      kind: "setting",
      identity: column === null ? name : `${name}.${column}`,
      reason: "BACKUP_EXCLUDE names it, but the database has no such table or column: nothing was left out for it",
      severity: "missing",
    };
  });
}

/** Whether an entry of the settings means this table or a partitioned table above it. */
export function isMeant(
  table: CatalogueTable,
  entry: { readonly schema: string; readonly table: string },
): boolean {
  return [table, ...table.partitionOf].some(({ schema, name }) => schema === entry.schema && name === entry.table);
}

function omissionOf(table: CatalogueTable, scope: DumpScope): Pick<LedgerEntry, "reason" | "severity"> | undefined {
  if (scope.excludedTables.some((entry) => isMeant(table, entry))) {
    return { reason: "excluded by BACKUP_EXCLUDE", severity: "expected" };
  }
  if (table.foreign) return { reason: "a foreign table: its rows lie in another database", severity: "expected" };
  if (table.extension !== null) {
    const reason =
      `belongs to extension ${table.extension}, which makes it again; rows added to it are not in the backup`;
    return { reason, severity: "expected" };
  }
  if (!table.readable) {
    return { reason: "the role in SUPABASE_DB_URL has no right to read it (grant select)", severity: "missing" };
  }
}
