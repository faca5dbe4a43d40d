import { SECTION_OF_KIND, type StatementKind } from "./statement_kinds.ts";

/**
 * When a statement is applied: `pre-data` before the rows, `post-data` after the rows, `foreign-keys` after
 * `post-data`. `activation` holds what would fire by itself (triggers, event triggers, cron jobs) and is applied only
 * on request.
 */
export type Section = "pre-data" | "post-data" | "foreign-keys" | "activation";

/** One SQL statement with its closing `;`, which can be sent alone or as part of a psql script. */
export interface SchemaStatement {
  readonly section: Section;
  readonly kind: StatementKind;
  /** The object that the statement makes or changes, qualified and quoted as in SQL. */
  readonly identity: string;
  readonly sql: string;
}

export interface SequenceValue {
  readonly schema: string;
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
  /** The column that owns the sequence, such as `public.orders.id`; absent when no column does. */
  readonly ownedBy?: string;
}

export function sectionOf(kind: StatementKind): Section {
  return SECTION_OF_KIND[kind];
}
