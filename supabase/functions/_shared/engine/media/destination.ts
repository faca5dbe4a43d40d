import type { Database } from "../database.ts";

/**
 * Remembers the destination, by its marker. When the marker differs from the remembered one (another bucket or prefix, or
 * a bucket that was emptied), all copies of the former destination are forgotten, so that the next manifest names only what
 * lies in this one. Copies that lie here already are found again by their ETag. May be repeated. Throws as the
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

/** True when the remembered copies are those of this destination. May be repeated. Throws as the database does. */
export async function isRemembered(database: Database, marker: string, signal?: AbortSignal): Promise<boolean> {
  const session = await database.connect({ applicationName: "lifeboat media" }, signal);
  try {
    const rows = await session.query("select from lifeboat.media_destination where marker = $1", [marker], signal);
    return rows.length > 0;
  } finally {
    await session.close();
  }
}
