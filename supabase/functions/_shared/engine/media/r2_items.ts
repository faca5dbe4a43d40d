import type { Session } from "../database.ts";

/** One file that the database says lies in R2. */
export interface R2Item {
  /** Key of the object: the path column, or what the URL says. */
  readonly path: string | null;
  readonly url: string | null;
  readonly size: number | null;
  readonly table: string;
  /** The owning row's key as JSON text, all values as text. */
  readonly row: string;
}

const PAGE_ROWS = 500;

/**
 * The rows of a source, through a cursor: one page in memory. Opens and ends a transaction of its own; what the reader
 * writes into temporary tables meanwhile stays.
 */
export async function* readR2Items(
  session: Session,
  table: string,
  query: string,
  signal?: AbortSignal,
): AsyncGenerator<R2Item[]> {
  await session.query("begin isolation level repeatable read, read only", [], signal);
  try {
    await session.query(`declare lifeboat_r2 no scroll cursor for ${query}`, [], signal);
    for (;;) {
      const rows = await session.query<Row>(`fetch ${PAGE_ROWS} from lifeboat_r2`, [], signal);
      if (rows.length === 0) {
        await session.query("commit", [], signal);
        return;
      }
      yield rows.map(({ path, url, size, row }) => ({
        path: (path ?? pathOfUrl(url))?.replace(/^\/+/, "") || null,
        url,
        size: size === null ? null : Number(size),
        table,
        row,
      }));
    }
  } finally {
    // After the commit this does nothing. After a lost connection it fails, and that error is thrown by the query already.
    await session.query("rollback").catch(() => undefined);
  }
}

function pathOfUrl(url: string | null): string | null {
  if (url === null) return null;
  try {
    const { pathname } = new URL(url);
    return decodeURIComponent(pathname);
  } catch {
    // Neither a URL nor percent-encoded as one: then it is a path as it stands.
    return /^[a-z][a-z0-9+.-]*:/i.test(url) ? null : url;
  }
}

interface Row {
  path: string | null;
  url: string | null;
  size: string | null;
  row: string;
}
