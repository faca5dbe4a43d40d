import type { BackupHistoryRow, RunTrigger } from "../../contract/mod.ts";
import { findPoint } from "../points/find_point.ts";
import { executeRun, type LeasedRun, type RunDependencies, startRun } from "../run/run_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { type DrillDependencies, drillPoint, type DrillSettings } from "./drill_point.ts";

export interface DrillRequest {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` or `latest`. */
  readonly point: string;
  readonly trigger: RunTrigger;
  /** The admin who asked for the drill, as `auth.users.id`. */
  readonly triggeredBy?: string;
}

/**
 * Takes the lease for a drill of a recovery point. The point is looked up in the bucket, since the history may belong
 * to another project. Throws `point_missing`, and the errors of `startRun` and the store.
 */
export async function startDrill(
  dependencies: RunDependencies & { readonly store: ObjectStore },
  { point, ...request }: DrillRequest,
  signal?: AbortSignal,
): Promise<LeasedRun> {
  const found = await findPoint(dependencies.store, { project: request.project, point }, "manifest", signal);
  return await startRun(dependencies, { ...request, kind: "drill", recoveryPoint: found.point });
}

/**
 * Runs a drill from the lease to the settled row. A failure is recorded in the row: with code `drill_failed` the
 * details name what was wrong; any other code means that the restore could not be made. Throws as `executeRun`.
 */
export async function runDrill(
  dependencies: DrillDependencies,
  settings: DrillSettings,
  run: LeasedRun,
  shutDown?: AbortSignal,
): Promise<BackupHistoryRow> {
  return await executeRun(run, (running) => drillPoint(dependencies, settings, running), shutDown);
}
