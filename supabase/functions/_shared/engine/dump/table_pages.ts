import type { Session } from "../database.ts";
import type { CatalogueTable } from "../catalogue/catalogue.ts";

/** Pages of each heap by object id, at most a few too many: rows of the snapshot lie in no other. */
export async function readTablePages(
  session: Session,
  tables: readonly CatalogueTable[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const rows = await session.query<{ oid: string; pages: number }>(
    `select given.oid, (pg_catalog.pg_relation_size(given.oid::pg_catalog.oid::pg_catalog.regclass)
       / pg_catalog.current_setting('block_size')::int8 + 1)::float8 as pages
     from pg_catalog.unnest($1::text[]) as given(oid)`,
    [tables.filter((table) => table.heap).map((table) => table.oid)],
    signal,
  );
  return new Map(rows.map(({ oid, pages }) => [oid, pages]));
}
