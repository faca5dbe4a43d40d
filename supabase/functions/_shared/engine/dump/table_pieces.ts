import type { Session } from "../database.ts";
import type { CatalogueTable } from "../catalogue/catalogue.ts";
import { pageOf, pagePlace, type Piece, wholeTable } from "./piece.ts";
import { PAGES_PER_MESSAGE, pieceCutSql } from "./table_query.ts";

/** So that a table of pages that hold nothing, read in no time, still ends its pieces: 128 MiB. */
const MOST_PAGES = 16_384;
/** A piece may be so much larger than the one before: the next pages may hold more JSON than those did. */
const GROWTH = 4;

/**
 * Cuts what is left of a table into pieces of about `unitBytes` of JSON. Nobody knows how much JSON a page holds before
 * it was read, so pieces begin small and follow what the last one held. With TOAST a page may hold gigabytes: there the
 * sizes of its rows are asked for first.
 */
export class TablePieces {
  readonly #session: Session;
  readonly #table: CatalogueTable;
  readonly #pages: number;
  readonly #unitBytes: number;
  #pagesAtOnce = PAGES_PER_MESSAGE;

  constructor(session: Session, table: CatalogueTable, pages: number, unitBytes: number) {
    this.#session = session;
    this.#table = table;
    this.#pages = pages;
    this.#unitBytes = unitBytes;
  }

  /** The piece that begins at `from`. */
  async next(from: string, signal?: AbortSignal): Promise<Piece> {
    const table = this.#table;
    if (!table.heap) return wholeTable(table);
    if (this.#unitBytes === Infinity) return { table, from, to: null };
    const end = pageOf(from) + this.#pagesAtOnce;
    const piece = { table, from, to: end < this.#pages ? pagePlace(end) : null };
    if (!table.toasted) return piece;
    const [cut] = await this.#session.query<{ place: string }>(
      pieceCutSql(piece, this.#unitBytes),
      undefined,
      signal,
    );
    return cut ? { ...piece, to: cut.place } : piece;
  }

  /** Takes the size of a piece that was read, from which the sizes of the next pieces are computed. */
  learn(piece: Piece, bytes: number): void {
    if (piece.to === null || !piece.to.endsWith(",0)")) return;
    const pages = pageOf(piece.to) - pageOf(piece.from);
    const wanted = bytes === 0 ? MOST_PAGES : Math.floor(this.#unitBytes / (bytes / pages));
    const most = Math.min(wanted, pages * GROWTH, MOST_PAGES);
    this.#pagesAtOnce = Math.max(1, Math.floor(most / PAGES_PER_MESSAGE)) * PAGES_PER_MESSAGE;
  }
}

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
