import type { Database } from "../database.ts";
import { LifeboatError } from "../errors.ts";

/**
 * The newest recovery point whose dump the history counts as stored, damaged ones included. The history is asked and
 * not the bucket, because a bucket that lost its newest manifest would name an older point. Throws `point_missing` and
 * the database's errors. May be repeated.
 */
export async function newestPoint(database: Database, project: string, signal?: AbortSignal): Promise<string> {
  const session = await database.connect({ applicationName: "lifeboat points" }, signal);
  try {
    const [newest] = await session.query<{ point: string }>(
      `select recovery_point as point from public.backup_history
       where project = $1 and kind = 'database' and status in ('success', 'partial', 'damaged')
       order by started_at desc limit 1`,
      [project],
      signal,
    );
    if (newest) return newest.point;
  } finally {
    await session.close();
  }
  throw new LifeboatError({
    code: "point_missing",
    kind: "missing",
    message: `The history of project "${project}" has no finished recovery point.`,
    hint: "Run: npm run lifeboat -- backup",
    operation: "points.newest",
  });
}
