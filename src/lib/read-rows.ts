import type { PostgrestError, PostgrestSingleResponse } from "@supabase/supabase-js";
import { PageError } from "./page-error.ts";

/** The rows of a database answer. Throws `PageError`, so that an error never looks like "no rows". */
export function rowsOf<Data>(response: PostgrestSingleResponse<Data>): Data {
  if (response.error === null) return response.data;
  throw databaseError(response.error, response.status);
}

function databaseError(error: PostgrestError, status: number): PageError {
  const [message, hint] = explain(error.code, status);
  return new PageError({ code: error.code || `http_${status}`, message: message ?? error.message, hint, cause: error });
}

function explain(code: string, status: number): readonly [message: string | undefined, hint: string] {
  if (status === 0) return ["The project's API could not be reached.", "Check your connection, then try again."];
  if (code === "PGRST205" || code === "42P01") {
    return ["The backup history does not exist in this project.", "Apply Lifeboat's migrations, then try again."];
  }
  if (status === 401 || code === "PGRST301") return ["Your session has ended.", "Sign in again."];
  if (status === 403 || code === "42501") return ["Reading the backup history was refused.", "Sign in as an admin."];
  return [undefined, "Try again in a moment."];
}
