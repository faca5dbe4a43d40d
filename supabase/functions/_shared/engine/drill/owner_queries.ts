import type { DrillDetails } from "../../contract/mod.ts";
import type { Database } from "../database.ts";
import { reasonOf } from "./check.ts";

/** Time limit of each of the owner's queries. */
const TIMEOUT = "5min";

/**
 * Runs the owner's queries on the restored database, each in its own read-only transaction. A query passes when it
 * returns one row whose first value is true. A query that throws fails, with its error as the reason.
 */
export async function runOwnerQueries(
  database: Database,
  queries: readonly string[],
  signal: AbortSignal,
): Promise<DrillDetails["queries"]> {
  const results: DrillDetails["queries"] = [];
  for (const query of queries) {
    signal.throwIfAborted();
    const reason = await whyNot(database, query, signal);
    results.push({ query, passed: reason === null, reason });
  }
  return results;
}

async function whyNot(database: Database, query: string, signal: AbortSignal): Promise<string | null> {
  const session = await database.connect({ applicationName: "lifeboat drill query" }, signal);
  try {
    await session.query(
      `set search_path = public, extensions; set statement_timeout = '${TIMEOUT}'; begin read only`,
      undefined,
      signal,
    );
    const rows = await session.query(query, undefined, signal);
    if (rows.length !== 1) return `It returned ${rows.length} rows; one that says true was expected.`;
    const [value] = Object.values(rows[0]);
    return value === true ? null : `It returned ${JSON.stringify(value)}; true was expected.`;
  } catch (error) {
    signal.throwIfAborted();
    return reasonOf(error);
  } finally {
    await session.close();
  }
}
