import type { SchemaStatement, SequenceValue } from "../../format/schema_statement.ts";
import type { StatementKind } from "../../format/statement_kinds.ts";

/** Something that a restore from these statements will not bring back. */
export interface LedgerEntry {
  readonly kind: string;
  readonly identity: string;
  readonly reason: string;
}

export interface SchemaExport {
  /** In the order of application. Each section begins with its own session settings. */
  readonly statements: SchemaStatement[];
  /** Objects in scope that no statement rebuilds. Not empty means that the run is `partial`. */
  readonly uncovered: LedgerEntry[];
  /** What is left out on purpose: secrets, passwords, schemas outside the scope. Does not make a run partial. */
  readonly notCaptured: LedgerEntry[];
  readonly sequences: SequenceValue[];
}

/**
 * One row of a family's query. An address is `pg_class/16400`: catalogue and oid. A row without `sql` accounts for an
 * object that needs no statement of its own, and goes to the ledger if it has a reason.
 */
export interface FamilyRow {
  readonly kind: StatementKind;
  readonly identity: string;
  readonly sql: string | null;
  /** The catalogue objects that the statement makes, blank separated; the first is the object itself. */
  readonly address?: string | null;
  /** Objects that must be there first, blank separated, besides those that pg_depend knows. */
  readonly needs?: string | null;
  /** A condition on the target; where it is false the statement is skipped with a notice. */
  readonly guard?: string | null;
  /** A stand-in that has the same columns, used to break a circle. */
  readonly stub?: string | null;
  readonly reason?: string | null;
}

/** The query of one family of objects: a select over the shared tables of `scope.ts`, returning FamilyRow columns. */
export interface Family {
  readonly ctes?: string;
  readonly select: string;
}
