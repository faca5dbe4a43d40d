import { hasCode, LifeboatError } from "./errors.ts";

/**
 * The release of supabase/sql that this code was written for. It grows by one with the first change of supabase/sql or
 * of a table after a release; the first version, which could not say its own, is 1.
 */
export const SCHEMA_VERSION = 2;

/** The migration that `npm run generate` makes of supabase/sql. Its time is after all migrations that make tables. */
export const SCHEMA_MIGRATION = "20261201000000_lifeboat_2";

/** Whatever sends statements: a session, or the connection of a run. */
interface Sender {
  query<Row>(text: string, params: readonly unknown[], signal?: AbortSignal): Promise<Row[]>;
}

/**
 * Sends the first statement of an invocation, a SELECT without FROM, and has the database compare versions in it: on a
 * schema of another release it changes nothing. `orNewer` lets a run go on that began before the database was upgraded.
 *
 * Throws `schema_outdated`, `not_installed`, and as the database does.
 */
export async function queryCurrentSchema<Row>(
  sender: Sender,
  select: string,
  params: readonly unknown[],
  { orNewer = false, signal }: { readonly orNewer?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<Row[]> {
  try {
    return await sender.query<Row>(
      `${select} from lifeboat.require_schema_version(${SCHEMA_VERSION}, ${orNewer})`,
      params,
      signal,
    );
  } catch (error) {
    throw asInstallationError(error);
  }
}

/** The command that brings a database to this release, by either route. */
export const UPGRADE_HINT =
  "Upgrade it: npm run lifeboat -- install, or copy the new files of supabase/migrations and run supabase db push --include-all.";

/** SQLSTATEs of a schema and of a table that is not there. */
const NOT_THERE: readonly (string | undefined)[] = ["3F000", "42P01"];

function asInstallationError(error: unknown): unknown {
  if (!hasCode(error, "database_error")) return error;
  const lacksVersion = error.subject === "42883" && error.message.includes("require_schema_version");
  if (error.subject === "LB001" || lacksVersion) {
    return new LifeboatError({
      code: "schema_outdated",
      kind: "permanent",
      message: "Lifeboat's tables and functions in this database are of an older release than this code.",
      hint: UPGRADE_HINT,
      operation: "schema.version",
      cause: error,
    });
  }
  if (error.subject === "LB002") {
    return new LifeboatError({
      code: "schema_outdated",
      kind: "permanent",
      message: "Lifeboat's tables and functions in this database are of a newer release than this code.",
      hint: "Deploy the edge functions of the newer release (supabase functions deploy), and update this checkout.",
      operation: "schema.version",
      cause: error,
    });
  }
  if (!NOT_THERE.includes(error.subject)) return error;
  return new LifeboatError({
    code: "not_installed",
    kind: "permanent",
    message: "Lifeboat's tables are missing in this database.",
    hint: "Apply Lifeboat's migrations: supabase db push, or npm run lifeboat -- install.",
    operation: "schema.version",
    cause: error,
  });
}
