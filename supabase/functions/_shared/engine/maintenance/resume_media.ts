import type { Database } from "../database.ts";
import { asLifeboatError, type LifeboatError } from "../errors.ts";
import { safeText } from "../run/safe_text.ts";
import type { PointName } from "./settle_point.ts";
import { withSession } from "./with_session.ts";

/** Time for a start to show in the history before another is tried. */
const CLAIM_MS = 10 * 60_000;
/** Time that the dump's own worker has to start the media run itself. */
const GRACE_MS = 2 * 60_000;

/** Asks `backup-media` to work on a point. Throws what it was answered: `already_running` costs no attempt. */
export interface MediaStarter {
  startMedia(point: PointName, signal?: AbortSignal): Promise<void>;
}

export interface ResumedMedia extends PointName {
  readonly failure: LifeboatError | null;
}

/**
 * Starts the media run of each point whose dump is good but whose media run never began or died, and has a run go on whose
 * invocations have all died; a few times a point (`media_attempts` in lifeboat.settings) unless it moves forward. A start
 * that fails is recorded with the point. Throws as the database does.
 */
export async function resumeMedia(
  dependencies: { readonly database: Database; readonly mediaStarter: MediaStarter; readonly graceMs?: number },
  signal?: AbortSignal,
): Promise<ResumedMedia[]> {
  const { database, mediaStarter, graceMs = GRACE_MS } = dependencies;
  return await withSession(database, async (session) => {
    const dead = await session.query<{ project: string; point: string }>(
      "select project, point from lifeboat.claim_dead_media() order by point",
      [],
      signal,
    );
    const owed = await session.query<{ project: string; point: string }>(
      "select project, point from lifeboat.claim_media($1, $2) order by point",
      [CLAIM_MS, graceMs],
      signal,
    );
    const resumed: ResumedMedia[] = [];
    for (const { project, point } of [...dead, ...owed]) {
      const failure = await mediaStarter.startMedia({ project, recoveryPoint: point }, signal)
        .then(() => null, (error) => asLifeboatError(error, "maintenance.start_media"));
      await session.query("select lifeboat.record_media_start($1, $2, $3, $4)", [
        project,
        point,
        failure?.code ?? null,
        failure && safeText(failure.message, 1_000),
      ], signal);
      resumed.push({ project, recoveryPoint: point, failure });
    }
    return resumed;
  }, signal);
}
