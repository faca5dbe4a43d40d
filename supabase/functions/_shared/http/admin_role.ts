import type { Database } from "../engine/database.ts";
import { LifeboatError } from "../engine/errors.ts";

/**
 * Asks the project's own `public.has_role` whether a user is an admin. Parameters are passed by position and the role
 * as a bare literal, since projects name the parameters differently and have the role as text or as an enum.
 *
 * Throws `admin_check_failed` (transient) when the answer cannot be known. May be repeated.
 */
export async function isAdmin(database: Database, userId: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const session = await database.connect({ applicationName: "lifeboat admin check" }, signal);
    try {
      const rows = await session.query<{ admin: boolean | null }>(
        "select public.has_role($1::uuid, 'admin') as admin",
        [userId],
        signal,
      );
      return rows[0].admin === true;
    } finally {
      await session.close();
    }
  } catch (error) {
    throw new LifeboatError({
      code: "admin_check_failed",
      kind: "transient",
      message: "Whether you are an admin could not be found out.",
      hint: hintFor(error),
      operation: "http.admin_role",
      cause: error,
    });
  }
}

/** SQLSTATEs: undefined_function, invalid_schema_name, undefined_table, invalid_text_representation (no such role). */
const HINTS: Readonly<Record<string, string>> = {
  "42883": "The function public.has_role is missing: apply Lifeboat's migrations to this project.",
  "3F000": "The function public.has_role is missing: apply Lifeboat's migrations to this project.",
  "42P01": "The table behind public.has_role is missing: apply Lifeboat's migrations to this project.",
  "22P02": "The role admin does not exist in the type that public.has_role takes: add it.",
};

function hintFor(error: unknown): string {
  const state = error instanceof LifeboatError && error.code === "database_error" ? error.subject : undefined;
  return HINTS[state ?? ""] ??
    "The database did not answer. Try again in a minute; see the function's log for the reason.";
}
