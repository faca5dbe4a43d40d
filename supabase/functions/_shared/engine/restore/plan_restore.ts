import { planDatabase } from "./plan_database.ts";
import { planMedia } from "./plan_media.ts";
import type { PlanEntry, RestorePlan } from "./plan.ts";
import { findEarlier } from "./earlier_restores.ts";
import { findPoint } from "../points/find_point.ts";
import { type OpenPoint, openPoint } from "../points/open_point.ts";
import { type RestoreRequest, wantsDatabase, wantsMedia } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";
import { stableHash } from "./stable_hash.ts";
import { prepareSession } from "./target.ts";

/**
 * Plans a restore and does none of it. `applyRestore` takes the plan and nothing else. If the same request was begun on
 * this target and cut off, its plan is returned, to be continued; with `latest` too, even if the bucket holds a newer
 * point by now.
 *
 * Throws `point_missing`, `point_ambiguous`, `format_unknown`, `backup_damaged`, `restore_scope_unknown`,
 * `storage_not_given`, and what bucket, database and Storage throw. May be repeated.
 */
export async function planRestore(
  dependencies: RestoreDependencies,
  request: RestoreRequest,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const { checksums, store } = dependencies;
  const { project: _project, point: _point, ...part } = request;
  const requestKey = stableHash(checksums, { ...part, existing: part.existing ?? "refuse" });
  const wanted = { database: wantsDatabase(request), media: wantsMedia(request) };
  const earlier = wanted.database ? await findEarlier(dependencies, request, requestKey, signal) : undefined;
  if (earlier?.toContinue) return earlier.toContinue;

  const found = await findPoint(store, request, wanted.database ? "manifest" : "mediaManifest", signal);
  const settled = { ...request, ...found };
  const point = wanted.database ? await openPoint(dependencies, found, signal) : null;
  const database = point && await planTarget(dependencies, point, settled, signal);
  const media = wanted.media ? await planMedia(dependencies, found, settled, signal) : null;
  const seen = database?.plan.target.fingerprint ?? media?.plan?.manifestSha256 ?? null;
  return {
    format: "lifeboat-restore-plan",
    formatVersion: 1,
    id: stableHash(checksums, [requestKey, found, point?.manifestSha256 ?? null, seen]),
    requestKey,
    request: database?.request ?? settled,
    project: found.project,
    recoveryPoint: found.point,
    database: database?.plan ?? null,
    media: media?.plan ?? null,
    conflicts: [...earlier?.conflicts ?? [], ...database?.conflicts ?? [], ...media?.conflicts ?? []],
    warnings: [...earlier?.warnings ?? [], ...database?.warnings ?? [], ...media?.warnings ?? []],
    notRestored: [
      ...point === null ? [] : missingInBackup(point),
      ...database?.notRestored ?? [],
      ...media?.notRestored ?? [],
    ],
    resume: null,
  };
}

async function planTarget(
  dependencies: RestoreDependencies,
  point: OpenPoint,
  request: RestoreRequest,
  signal?: AbortSignal,
) {
  const session = await dependencies.database.connect({ applicationName: "lifeboat restore plan" }, signal);
  try {
    await prepareSession(session, signal);
    return await planDatabase(dependencies, session, point, request, signal);
  } finally {
    await session.close();
  }
}

function missingInBackup({ manifest }: OpenPoint): PlanEntry[] {
  return manifest.ledger.filter((entry) => entry.severity === "missing").map(({ kind, identity, reason }) => ({
    kind,
    identity,
    reason: `Not in the backup: ${reason}`,
  }));
}
