import type { MediaPlan, PlanEntry } from "./plan.ts";
import type { OpenPoint } from "./read_point.ts";
import type { RestoreRequest } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";

export interface MediaPlanned {
  readonly plan: MediaPlan | null;
  readonly conflicts: readonly PlanEntry[];
  readonly warnings: readonly string[];
  readonly notRestored: readonly PlanEntry[];
}

export function planMedia(
  _dependencies: RestoreDependencies,
  _point: OpenPoint,
  _request: RestoreRequest,
  _signal?: AbortSignal,
): Promise<MediaPlanned> {
  return Promise.resolve({ plan: null, conflicts: [], warnings: [], notRestored: [] });
}
