import type { PointNotifier } from "../notify/point_notifier.ts";
import type { Database } from "../database.ts";
import { asLifeboatError, hasCode, type LifeboatError } from "../errors.ts";
import { safeText } from "../run/safe_text.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { closeAbandonedRuns } from "./close_abandoned_runs.ts";
import { reportDamage } from "./report_damage.ts";
import { reportOverdue } from "./report_overdue.ts";
import { type DumpStarter, restartDump } from "./restart_dump.ts";
import { type MediaStarter, resumeMedia } from "./resume_media.ts";
import { resumeVerify, type VerifyStarter } from "./resume_verify.ts";
import { returnUploads } from "./return_uploads.ts";
import { settleDuePoints } from "./settle_due_points.ts";

export interface MaintenanceDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly notifier: Pick<PointNotifier, "notify" | "notifyOverdue" | "notifyDamaged">;
  readonly mediaStarter: MediaStarter;
  /** Absent where dumps are not made by workers that may die. */
  readonly dumpStarter?: DumpStarter | undefined;
  /** Absent where verifies are not made by workers that may die. */
  readonly verifyStarter?: VerifyStarter | undefined;
}

export interface MaintenanceProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What one round did. Plain JSON. */
export interface MaintenanceReport {
  readonly closedRuns: readonly { id: string; kind: string; recoveryPoint: string }[];
  readonly returnedUploads: number;
  /** The recovery point of a failed dump in whose place another was started; null when there was none. */
  readonly restartedDump: string | null;
  readonly resumedMedia: readonly string[];
  /** The run of a verify that goes on; null when there was none. */
  readonly resumedVerify: string | null;
  readonly settledPoints: readonly { recoveryPoint: string; email: string | null }[];
  /** How the alert about a missing recovery point went; null when none was due. */
  readonly overdue: string | null;
  /** How emails about damaged points went that a verify could not send. */
  readonly damage: readonly string[];
  /** What went wrong. Everything else was done all the same, and each is tried again next time. */
  readonly problems: readonly MaintenanceProblem[];
}

/**
 * One round of `backup-maintenance`: closes dead runs, gives their uploads back, starts owed media runs, has a verify go
 * on, settles points and sends what is owed, and starts a lost dump anew. The parts stand alone: one that fails does not keep the others from
 * being done. Throws only `schema_outdated`, before anything is done: a media run that is owed would otherwise use up its
 * attempts on functions that refuse it. May be repeated and run by several at once.
 */
export async function maintain(
  dependencies: MaintenanceDependencies,
  signal?: AbortSignal,
): Promise<MaintenanceReport> {
  const problems: MaintenanceProblem[] = [];
  const note = (error: LifeboatError) =>
    problems.push({ code: error.code, message: safeText(error.message, 1_000), hint: error.hint });
  const attempt = async <Result>(
    part: () => Promise<Result>,
    otherwise: Result,
    endsAll?: string,
  ): Promise<Result> => {
    try {
      return await part();
    } catch (error) {
      if (endsAll !== undefined && hasCode(error, endsAll)) throw error;
      note(asLifeboatError(error, "maintenance"));
      return otherwise;
    }
  };

  const closed = await attempt(() => closeAbandonedRuns(dependencies.database, signal), [], "schema_outdated");
  const uploads = await attempt(() => returnUploads(dependencies.database, dependencies.store, signal), {
    aborted: 0,
    failures: [],
  });
  const resumed = await attempt(() => resumeMedia(dependencies, signal), []);
  const { database, dumpStarter, verifyStarter } = dependencies;
  const resumedVerify = await attempt(
    async () => verifyStarter ? await resumeVerify({ database, verifyStarter }, signal) : null,
    null,
  );
  const settled = await attempt(() => settleDuePoints(dependencies, signal), { settlements: [], failures: [] });
  const overdue = await attempt(() => reportOverdue(dependencies, signal), null);
  const damage = await attempt(() => reportDamage(dependencies, signal), []);
  // Comes last, so that the failure is reported before a new dump is started.
  const restarted = await attempt(
    async () => dumpStarter ? await restartDump({ database, dumpStarter }, signal) : null,
    null,
  );
  [...uploads.failures, ...settled.failures].forEach(note);
  for (const { failure } of resumed) if (failure && failure.code !== "already_running") note(failure);

  return {
    closedRuns: closed.map((row) => ({ id: row.id, kind: row.kind, recoveryPoint: row.recovery_point })),
    returnedUploads: uploads.aborted,
    restartedDump: restarted?.recovery_point ?? null,
    resumedMedia: resumed.filter(({ failure }) => failure === null).map(({ recoveryPoint }) => recoveryPoint),
    resumedVerify,
    settledPoints: settled.settlements.filter((point) => point.settled)
      .map(({ recoveryPoint, email }) => ({ recoveryPoint, email: email?.status ?? null })),
    overdue: overdue?.status ?? null,
    damage: damage.map(({ status }) => status),
    problems,
  };
}
