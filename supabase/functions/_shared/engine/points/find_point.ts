import { LifeboatError } from "../errors.ts";
import { isProjectName, parsePoint } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { findPoints } from "./list_points.ts";
import { pointMissing } from "./read_manifest.ts";

/** Names a recovery point. */
export interface PointReference {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` */
  readonly point: string;
}

/**
 * The point that is meant by a timestamp or `latest`, and has the manifest of its dump (`manifest`) or of its files
 * (`mediaManifest`): only what has its manifest is a backup. Throws `point_missing`, and `point_ambiguous` when the bucket
 * holds points of several projects and none was named. May be repeated.
 */
export async function findPoint(
  store: ObjectStore,
  wanted: { readonly project?: string; readonly point: string },
  manifest: "manifest" | "mediaManifest" = "manifest",
  signal?: AbortSignal,
): Promise<PointReference> {
  const { project, point } = wanted;
  if (point !== "latest") parsePoint(point);
  if (project !== undefined && point !== "latest" && isProjectName(project)) return { project, point };
  const found = (await findPoints(store, project, signal)).filter(({ recoveryPoint, files }) =>
    files.has(manifest) && (point === "latest" || recoveryPoint === point)
  );
  if (found.length === 0) throw pointMissing(point, project);
  const projects = [...new Set(found.map((entry) => entry.project))];
  if (projects.length === 1) return { project: found[0].project, point: found[0].recoveryPoint };
  throw new LifeboatError({
    code: "point_ambiguous",
    kind: "permanent",
    message: `The bucket holds recovery points of several projects: ${projects.join(", ")}.`,
    hint: "Say which project is meant.",
    operation: "points.find",
  });
}
