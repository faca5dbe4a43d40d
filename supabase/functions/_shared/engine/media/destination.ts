import type { Database } from "../database.ts";

/**
 * What lies in S3 is remembered of one destination. Told of another one (its marker differs: another bucket or prefix,
 * or one that was emptied), everything is forgotten that was stored in the one before, so that the next manifest names
 * only what lies in this one; what lies there already is found again by its ETag. May be repeated. Throws as the
 * database does.
 */
export async function rememberDestination(database: Database, marker: string, signal?: AbortSignal): Promise<void> {
  const session = await database.connect({ applicationName: "lifeboat media" }, signal);
  try {
    await session.query("select lifeboat.remember_media_destination($1)", [marker], signal);
  } finally {
    await session.close();
  }
}

/** Whether what is remembered is of this destination. May be repeated. Throws as the database does. */
export async function isRemembered(database: Database, marker: string, signal?: AbortSignal): Promise<boolean> {
  const session = await database.connect({ applicationName: "lifeboat media" }, signal);
  try {
    const rows = await session.query("select from lifeboat.media_destination where marker = $1", [marker], signal);
    return rows.length > 0;
  } finally {
    await session.close();
  }
}
