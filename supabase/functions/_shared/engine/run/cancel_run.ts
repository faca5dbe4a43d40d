import type { Database } from "../database.ts";

/**
 * Asks a run to stop; its next heartbeat, at most ten seconds later, sees it. Returns false when no such run is at work.
 * May be repeated.
 */
export async function requestCancel(database: Database, runId: string, signal?: AbortSignal): Promise<boolean> {
  const session = await database.connect({ applicationName: "lifeboat cancel" }, signal);
  try {
    const [{ asked }] = await session.query<{ asked: boolean }>(
      "select lifeboat.request_cancel($1) as asked",
      [runId],
      signal,
    );
    return asked;
  } finally {
    await session.close();
  }
}
