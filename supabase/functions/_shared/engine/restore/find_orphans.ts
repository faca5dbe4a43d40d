import type { Session } from "../database.ts";

/** Rows whose foreign key refers to a row that does not exist. */
export interface Orphans {
  readonly constraint: string;
  readonly table: string;
  readonly rows: number;
}

/**
 * Finds rows that refer to missing rows, along every foreign key from or to the given tables. Needed where rows were
 * loaded under existing constraints: in replica mode nothing is checked, and VALIDATE CONSTRAINT trusts a constraint
 * that was valid before. https://www.postgresql.org/docs/current/sql-altertable.html
 */
export async function findOrphans(
  session: Session,
  tables: readonly { readonly schema: string; readonly name: string }[],
  signal?: AbortSignal,
): Promise<Orphans[]> {
  const keys = await session.query<{ constraint: string; table: string; query: string }>(
    `with given as (
       select c.oid from unnest($1::text[], $2::text[]) as g(schema, name)
       join pg_catalog.pg_namespace n on n.nspname = g.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = g.name),
     scope as (select oid from given union select inhparent from pg_catalog.pg_inherits i join given g on g.oid = i.inhrelid)
     select k.conname as constraint, pg_catalog.format('%I.%I', cn.nspname, c.relname) as table,
       pg_catalog.format('select pg_catalog.count(*)::text as rows from %s%I.%I c where %s and not exists (select from %s%I.%I p where %s)',
         case when c.relkind = 'p' then '' else 'only ' end, cn.nspname, c.relname,
         pg_catalog.string_agg(pg_catalog.format('c.%I is not null', ca.attname), case k.confmatchtype when 'f' then ' or ' else ' and ' end),
         case when p.relkind = 'p' then '' else 'only ' end, pn.nspname, p.relname,
         pg_catalog.string_agg(pg_catalog.format('p.%I operator(%I.%s) c.%I', pa.attname, opn.nspname, op.oprname, ca.attname), ' and ')) as query
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
     join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
     cross join lateral unnest(k.conkey, k.confkey, k.conpfeqop) as u(child, parent, operator)
     join pg_catalog.pg_attribute ca on ca.attrelid = c.oid and ca.attnum = u.child
     join pg_catalog.pg_attribute pa on pa.attrelid = p.oid and pa.attnum = u.parent
     join pg_catalog.pg_operator op on op.oid = u.operator join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
     where k.contype = 'f' and k.conparentid = 0
       and (k.conrelid in (select oid from scope) or k.confrelid in (select oid from scope))
     group by k.oid, k.conname, k.confmatchtype, c.relkind, cn.nspname, c.relname, p.relkind, pn.nspname, p.relname
     order by 2, 1`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
    signal,
  );
  const orphans: Orphans[] = [];
  for (const { constraint, table, query } of keys) {
    const [{ rows }] = await session.query<{ rows: string }>(query, undefined, signal);
    if (rows !== "0") orphans.push({ constraint, table, rows: Number(rows) });
  }
  return orphans;
}
