import { SECTION_OF_KIND, type StatementKind } from "./statement_kinds.ts";

/**
 * When a statement is applied: `pre-data` before the rows, `post-data` after them, `foreign-keys` after that, and
 * `activation` (what fires by itself: triggers, event triggers, cron jobs) only when somebody says so.
 */
export type Section = "pre-data" | "post-data" | "foreign-keys" | "activation";

/** One SQL statement, ending in `;`, that can be sent alone or as part of a psql script. */
export interface SchemaStatement {
  readonly section: Section;
  readonly kind: StatementKind;
  /** The object that it makes or changes, qualified and quoted as SQL would name it. */
  readonly identity: string;
  readonly sql: string;
}

export interface SequenceValue {
  readonly schema: string;
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
  /** Table and column, `public.orders.id`, where the sequence belongs to one. */
  readonly ownedBy?: string;
}

export function sectionOf(kind: StatementKind): Section {
  return SECTION_OF_KIND[kind];
}
