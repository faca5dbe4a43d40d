import { composeStore } from "../supabase/functions/_shared/compose/store.ts";
import type { ObjectStore } from "../supabase/functions/_shared/engine/store/object_store.ts";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { parsePoint } from "../supabase/functions/_shared/engine/format/keys.ts";
import { findPoints, type FoundPoint } from "../supabase/functions/_shared/engine/points/mod.ts";
import { knownProject, readSettings } from "./configuration.ts";
import type { Host } from "./perform.ts";
import { usage } from "./settings.ts";

export interface StoredPoints {
  readonly store: ObjectStore;
  /** Newest first; only the project's own when the settings name it. */
  readonly points: readonly FoundPoint[];
}

/** Lists the points in the bucket; only S3's settings are needed. */
export async function storedPoints(host: Host): Promise<StoredPoints> {
  const configuration = readSettings(host.environment, ["store"]);
  const store = composeStore(configuration);
  return { store, points: await findPoints(store, knownProject(host.environment, configuration), host.signal) };
}

/** The point for a timestamp, or for `latest` the newest with a manifest. */
export function choosePoint(points: readonly FoundPoint[], wanted: string): FoundPoint {
  if (wanted !== "latest") parsePoint(wanted);
  const matching = wanted === "latest"
    ? points.filter(({ files }) => files.has("manifest")).slice(0, 1)
    : points.filter(({ recoveryPoint }) => recoveryPoint === wanted);
  if (matching.length === 1) return matching[0];
  if (matching.length > 1) {
    const names = matching.map(({ project }) => project).join(", ");
    throw usage(`Several projects have a recovery point ${wanted}: ${names}. Say which by --project.`);
  }
  throw new LifeboatError({
    code: "point_missing",
    kind: "missing",
    message: wanted === "latest"
      ? "The bucket holds no finished recovery point."
      : `The bucket holds no recovery point ${wanted}.`,
    hint: "`npm run lifeboat -- list` shows what there is; S3_PREFIX and BACKUP_PROJECT decide where it looks.",
    operation: "points.choose",
    subject: wanted,
  });
}
