import { LifeboatError } from "../../engine/errors.ts";

type Details = Pick<LifeboatError, "code" | "kind" | "message" | "hint">;

const CANNOT_REACH: Omit<Details, "message"> = {
  code: "database_unreachable",
  kind: "transient",
  hint:
    "Check that the project is not paused and that the connection string (SUPABASE_DB_URL, or a restore's --target-db) is its direct one, then run again.",
};
const LOST: Omit<Details, "message"> = {
  code: "database_connection_lost",
  kind: "transient",
  hint: "The database restarted or the network broke. Run again; nothing that was stored before is harmed.",
};
const REFUSED: Omit<Details, "message"> = {
  code: "database_refused",
  kind: "refused",
  hint: "Check user, password and database name of the connection string: SUPABASE_DB_URL, or a restore's --target-db.",
};

/**
 * The SQLSTATEs that have an error code of their own. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const BY_STATE: Record<string, Omit<Details, "message">> = {
  "55P03": {
    code: "lock_timeout",
    kind: "transient",
    hint: "Another session holds a lock on this table, often a migration. Wait for it to end, then run again.",
  },
  "57014": {
    code: "statement_timeout",
    kind: "transient",
    hint: "The server cancelled the statement. Raise statement_timeout for this role, or run again at a quieter time.",
  },
  "42501": {
    code: "permission_denied",
    kind: "refused",
    hint: "Grant the role in SUPABASE_DB_URL the right to read this object, or exclude it by BACKUP_EXCLUDE.",
  },
  "28P01": REFUSED,
  "28000": REFUSED,
  "3D000": REFUSED,
  "53300": { ...CANNOT_REACH, hint: "The database has no free connections. Close idle ones or run again later." },
  "57P01": LOST,
  "57P02": LOST,
  "57P03": CANNOT_REACH,
  "08006": LOST,
};

/** A refusal by row security has the same SQLSTATE, 42501, as other refusals; only its text differs. */
const ROW_SECURITY: Omit<Details, "message"> = {
  code: "row_security",
  kind: "refused",
  hint: "The role in SUPABASE_DB_URL sees only some rows of this table. Use role postgres, or one with BYPASSRLS.",
};

/** Turns any failure of `pg` into a LifeboatError. `connecting` tells a refused connection from a broken one. */
export function asDatabaseError(error: unknown, operation: string, connecting = false): LifeboatError {
  if (error instanceof LifeboatError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  // Node's net throws an AggregateError with an empty message when a name has several addresses.
  const text = error instanceof AggregateError && error.errors.length > 0
    ? String(error.errors[0]?.message ?? error.errors[0])
    : typeof message === "string"
    ? message
    : String(error);
  const state = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && code !== "EPIPE" ? code : undefined;
  const details = state === undefined
    ? (connecting ? CANNOT_REACH : LOST)
    : state === "42501" && text.includes("row-level security")
    ? ROW_SECURITY
    : BY_STATE[state] ?? {
      code: "database_error",
      kind: "permanent" as const,
      hint: "The message above is PostgreSQL's own. Mend its cause, then run again.",
    };
  return new LifeboatError({
    ...details,
    message: state === undefined
      ? `The connection to the database ${connecting ? "could not be made" : "broke"} (${text}).`
      : `PostgreSQL refused: ${text} (SQLSTATE ${state}).`,
    operation,
    subject: state,
    cause: error,
  });
}
