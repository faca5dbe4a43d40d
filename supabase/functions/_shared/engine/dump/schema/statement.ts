import type { SchemaStatement, SequenceValue } from "../../format/schema_statement.ts";
import type { StatementKind } from "../../format/statement_kinds.ts";

/** An object or a secret that a restore of these statements does not bring back. */
export interface SchemaOmission {
  readonly kind: string;
  readonly identity: string;
  readonly reason: string;
}

export interface SchemaExport {
  /** In the order of application. Each section begins with its own session settings. */
  readonly statements: SchemaStatement[];
  /** Objects in scope that no statement rebuilds. If there are any, the run is `partial`. */
  readonly uncovered: SchemaOmission[];
  /** Left out on purpose: secrets, passwords, schemas outside the scope. Does not make a run partial. */
  readonly notCaptured: SchemaOmission[];
  readonly sequences: SequenceValue[];
}

/**
 * One row of a family's query. An address is catalogue and oid, as in `pg_class/16400`. A row without `sql` accounts
 * for an object that needs no statement; with a reason it goes to the ledger.
 */
export interface FamilyRow {
  readonly kind: StatementKind;
  readonly identity: string;
  readonly sql: string | null;
  /** The catalogue objects that the statement makes, blank separated; the first is the object itself. */
  readonly address?: string | null;
  /** Objects that must exist first, blank separated, in addition to those in pg_depend. */
  readonly needs?: string | null;
  /** A condition on the target. Where it is false, the statement is skipped with a notice. */
  readonly guard?: string | null;
  /** A statement that makes a stand-in with the same columns, to break a circle. */
  readonly stub?: string | null;
  readonly reason?: string | null;
}

/** The query of one family of objects: a select over the shared tables of `scope.ts`, returning FamilyRow columns. */
export interface Family {
  readonly ctes?: string;
  readonly select: string;
}
