import type { Database } from "../database.ts";
import { safeText } from "./safe_text.ts";

/**
 * Adds a sentence to what a settled run warns of, for what went wrong after it; once, however often it is repeated.
 * Throws as the database does.
 */
export async function noteWarning(database: Database, runId: string, warning: string): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat run" });
  try {
    await session.query("select lifeboat.note_warning($1, $2)", [runId, safeText(warning, 1_000)]);
  } finally {
    await session.close();
  }
}
