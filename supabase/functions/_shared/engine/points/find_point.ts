import { LifeboatError } from "../errors.ts";
import { isProjectName, parsePoint } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { findPoints } from "./list_points.ts";
import { pointMissing } from "./read_manifest.ts";

/** The name of a recovery point: whose it is, and from when. */
export interface PointReference {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` */
  readonly point: string;
}

/**
 * Finds the recovery point that a timestamp or `latest` names. Without its manifest a point is no backup, so only
 * points with the manifest of the dump (`manifest`) or of the files (`mediaManifest`) are found. Where both project and
 * timestamp are given, they are returned without asking the store. Throws `point_missing`, `point_invalid`,
 * `point_ambiguous` when the bucket holds points of several projects and none was named, and the store's errors. May be
 * repeated.
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
