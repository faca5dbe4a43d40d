import type { MediaPlan, RestorePlan } from "./plan.ts";
import type { OpenPoint } from "./read_point.ts";
import type { Report, RestoreDependencies } from "./restore_dependencies.ts";
import type { MediaReport } from "./restore_report.ts";

export function restoreMedia(
  _dependencies: RestoreDependencies,
  _point: OpenPoint,
  _plan: RestorePlan & { readonly media: MediaPlan },
  _report: Report,
  _signal?: AbortSignal,
): Promise<MediaReport> {
  throw new Error("media");
}
