import type { Session } from "../database.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { R2Item } from "./r2_items.ts";

/**
 * Compares what the database says lies in R2 with R2's own listing, in two temporary tables, so that a million names
 * cost no memory here. The session's own: nobody else sees them.
 */
export async function prepareReconcile(session: Session, signal?: AbortSignal): Promise<void> {
  await session.query(
    `drop table if exists pg_temp.r2_expected, pg_temp.r2_listed;
     create temp table r2_expected (path text collate "C", size bigint, source text, row_key json);
     create temp table r2_listed (path text collate "C", size bigint)`,
    undefined,
    signal,
  );
}

export async function expectR2Items(session: Session, items: readonly R2Item[], signal?: AbortSignal): Promise<void> {
  const known = items.filter((item) => item.path !== null);
  await session.query(
    `insert into pg_temp.r2_expected
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::json[])`,
    [
      known.map((item) => item.path),
      known.map((item) => item.size),
      known.map((item) => item.table),
      known.map((item) => item.row),
    ],
    signal,
  );
}

/** Reads R2's listing. Throws what the store throws: half a listing would make the rest look missing. */
export async function listR2(session: Session, r2: ObjectStore, signal?: AbortSignal): Promise<number> {
  let listed = 0;
  let page: { key: string; sizeBytes: number }[] = [];
  const flush = async () => {
    await session.query(
      "insert into pg_temp.r2_listed select * from unnest($1::text[], $2::bigint[])",
      [page.map((object) => object.key), page.map((object) => object.sizeBytes)],
      signal,
    );
    listed += page.length;
    page = [];
  };
  for await (const object of r2.list("", signal)) {
    page.push(object);
    if (page.length === 1_000) await flush();
  }
  await flush();
  await session.query("analyze pg_temp.r2_expected; analyze pg_temp.r2_listed", undefined, signal);
  return listed;
}

/** The three ways to differ, as queries of one column `line` of JSON text. */
export const DIFFERENCES = {
  inDatabaseMissingInR2: `
    select row_to_json(d.*)::text as line from (
      select e.path, e.source as "table", e.row_key as "row" from pg_temp.r2_expected e
      where not exists (select 1 from pg_temp.r2_listed l where l.path = e.path)
      order by e.path, e.source, e.row_key::text) d`,
  inR2UnknownToDatabase: `
    select row_to_json(d.*)::text as line from (
      select l.path, l.size from pg_temp.r2_listed l
      where not exists (select 1 from pg_temp.r2_expected e where e.path = l.path)
      order by l.path) d`,
  sizeMismatch: `
    select row_to_json(d.*)::text as line from (
      select e.path, e.size as "databaseSize", l.size as "r2Size", e.source as "table", e.row_key as "row"
      from pg_temp.r2_expected e join pg_temp.r2_listed l on l.path = e.path
      where e.size is not null and e.size <> l.size
      order by e.path, e.source, e.row_key::text) d`,
} as const;

const PAGE_LINES = 500;

/** The lines of one difference, page by page. Opens and ends a transaction of its own. */
export async function* differenceLines(
  session: Session,
  query: string,
  signal?: AbortSignal,
): AsyncGenerator<string[]> {
  await session.query("begin", [], signal);
  try {
    await session.query(`declare lifeboat_differences no scroll cursor for ${query}`, [], signal);
    for (;;) {
      const rows = await session.query<{ line: string }>(`fetch ${PAGE_LINES} from lifeboat_differences`, [], signal);
      if (rows.length === 0) break;
      yield rows.map((row) => row.line);
    }
  } finally {
    await session.query("rollback").catch(() => undefined);
  }
}
