import type { CatalogueTable } from "../catalogue/catalogue.ts";

/**
 * Part of a table that is read by one statement: the unit of work of a dump. Pieces that join without a gap hold each
 * row of a snapshot exactly once, whoever reads them and in whatever order.
 */
export interface Piece {
  readonly table: CatalogueTable;
  /** The first place (ctid, for example `(512,0)`) that belongs to it. */
  readonly from: string;
  /** The first place after it; null when it goes to the table's end. */
  readonly to: string | null;
}

/** The place before every row. */
export const TABLE_START = "(0,0)";

/** The only piece of a table that is not a heap: nothing else has pages. */
export function wholeTable(table: CatalogueTable): Piece {
  return { table, from: TABLE_START, to: null };
}

export function pagePlace(page: number): string {
  return `(${page},0)`;
}

/** The page of a place. */
export function pageOf(place: string): number {
  return Number(place.slice(1, place.indexOf(",")));
}
