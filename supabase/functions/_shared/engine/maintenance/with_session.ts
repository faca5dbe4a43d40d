import type { Database, Session } from "../database.ts";

/** Lends a session that is closed whatever happens. */
export async function withSession<Result>(
  database: Database,
  work: (session: Session) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const session = await database.connect({ applicationName: "lifeboat maintenance" }, signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
