import type { Session } from "../database.ts";
import { asLifeboatError, LifeboatError } from "../errors.ts";
import type { SchemaStatement, Section } from "../format/schema_statement.ts";
import { knownRestriction } from "./known_restrictions.ts";
import type { PlanEntry } from "./plan.ts";
import type { RestoreSteps } from "./restore_state.ts";

/** Statements in one transaction: all of a large schema would run out of locks, one each would be slow. */
const STATEMENTS_PER_STEP = 50;
const LONGEST_QUOTE = 2_000;

/**
 * Applies the statements of a section, `STATEMENTS_PER_STEP` in a transaction, each once. What the platform is known to
 * refuse is left out and returned by `restrictedIn`; any other error stops the restore with statement, object and hint.
 */
export async function runStatements(
  session: Session,
  steps: RestoreSteps,
  section: Section,
  statements: readonly SchemaStatement[],
  report: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let start = 0; start < statements.length; start += STATEMENTS_PER_STEP) {
    const batch = statements.slice(start, start + STATEMENTS_PER_STEP);
    const restricted = new Map<SchemaStatement, string>();
    // An error ends the transaction, so the next attempt leaves the refused statement out.
    for (let isDone = false; !isDone;) {
      try {
        await steps.run(`${section}/${start}`, async () => {
          for (const statement of batch) {
            if (!restricted.has(statement)) await runStatement(session, statement, signal);
          }
          return restricted.size === 0 ? null : { restricted: [...restricted].map(asEntry) };
        }, signal);
        isDone = true;
      } catch (error) {
        if (!(error instanceof StatementFailure) || error.restriction === undefined) throw error;
        restricted.set(error.statement, error.restriction);
      }
    }
    report(start + batch.length);
  }
}

/** Statements that this run and earlier ones left out. */
export function restrictedIn(steps: RestoreSteps): PlanEntry[] {
  return steps.results().flatMap((result) => (result as { restricted?: PlanEntry[] }).restricted ?? []);
}

function asEntry([{ kind, identity }, reason]: [SchemaStatement, string]): PlanEntry {
  return { kind, identity, reason };
}

class StatementFailure extends LifeboatError {
  readonly statement: SchemaStatement;
  readonly restriction: string | undefined;

  constructor(statement: SchemaStatement, cause: LifeboatError) {
    const state = /SQLSTATE (\w{5})/.exec(cause.message)?.[1];
    const restriction = knownRestriction(statement, state, cause.message)?.reason;
    const { kind, identity, sql } = statement;
    super({
      code: "restore_statement_failed",
      kind: "permanent",
      message: `The statement that makes ${kind} ${identity} failed. ${cause.message}: ${shorten(sql)}`,
      hint: hintFor(state, cause.message),
      operation: "restore.statement",
      subject: `${kind} ${identity}`,
      cause,
    });
    this.statement = statement;
    this.restriction = restriction;
  }
}

async function runStatement(session: Session, statement: SchemaStatement, signal?: AbortSignal): Promise<void> {
  try {
    await session.query(statement.sql, undefined, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    const failure = asLifeboatError(error);
    if (failure.kind === "transient") throw failure;
    throw new StatementFailure(statement, failure);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  "42501":
    "The role in the target's database URL may not do this. Restore as role postgres, or as the database's owner.",
  "42710": "An object of this name is there already. Restore into an empty project.",
  "42P07": "A table or index of this name is there already. Restore into an empty project.",
  "42P06": "A schema of this name is there already. Restore into an empty project.",
  "42704": "It needs something that the target does not have. Install it (an extension, a role), then run this again.",
  "42P01": "It needs a table or view that the target does not have. Restore the whole schema, not a part of it.",
  "42883": "It needs a function that the target does not have. Restore the whole schema, not a part of it.",
  "0A000":
    "The target's server does not support this. Restore into the PostgreSQL version of the backup, or a newer one.",
  "42601":
    "The target's server does not know this syntax. Restore into the PostgreSQL version of the backup, or a newer one.",
  "23503":
    "Rows point at rows that do not exist. The message names them; the backup has them so. Mend the rows, then run this again.",
  "23505": "Two rows have the same key. The message names it. Mend the rows, then run this again.",
  "53200": "The server ran out of memory for locks. Raise max_locks_per_transaction, then run this again.",
};

const MISSING_TYPE = /type "?[^"]+"? does not exist/;

function hintFor(state: string | undefined, message: string): string {
  if (state === "42704" && MISSING_TYPE.test(message)) {
    return "It needs a type that the target does not have. Restore its whole schema (--schema), not single tables of it.";
  }
  return HINTS[state ?? ""] ??
    "Mend the cause that PostgreSQL names, then run the same command again: it continues here.";
}

function shorten(sql: string): string {
  return sql.length <= LONGEST_QUOTE ? sql : `${sql.slice(0, LONGEST_QUOTE)} …`;
}
