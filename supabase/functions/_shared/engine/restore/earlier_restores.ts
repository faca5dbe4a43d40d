import type { PlanEntry, RestorePlan } from "./plan.ts";
import type { RestoreRequest } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";
import { readRestores, type RememberedRestore } from "./restore_state.ts";

export interface EarlierRestores {
  /** The plan of the same request, if that was begun and not finished. */
  readonly toContinue: RestorePlan | undefined;
  readonly conflicts: readonly PlanEntry[];
  readonly warnings: readonly string[];
}

/** Reads which earlier restores in the target matter to a new one. Writes nothing; throws what the database throws. */
export async function findEarlier(
  { database }: RestoreDependencies,
  request: RestoreRequest,
  requestKey: string,
  signal?: AbortSignal,
): Promise<EarlierRestores> {
  const session = await database.connect({ applicationName: "lifeboat restore plan" }, signal);
  let restores: RememberedRestore[];
  try {
    restores = await readRestores(session, signal);
  } finally {
    await session.close();
  }
  const isSame = ({ plan }: RememberedRestore) =>
    plan.requestKey === requestKey && (request.point === "latest" || request.point === plan.recoveryPoint) &&
    (request.project === undefined || request.project === plan.project);
  const begun = restores.find((restore) => restore.finishedAt === null);
  const finished = restores.find((restore) => restore.finishedAt !== null && isSame(restore));
  return {
    toContinue: begun && isSame(begun)
      ? { ...begun.plan, resume: { startedAt: begun.startedAt, stepsDone: begun.stepsDone } }
      : undefined,
    conflicts: begun && !isSame(begun) ? [unfinished(begun)] : [],
    warnings: finished
      ? [
        `The same was restored here already, from ${finished.plan.recoveryPoint}; it was finished at ${finished.finishedAt}.`,
      ]
      : [],
  };
}

function unfinished({ id, plan }: RememberedRestore): PlanEntry {
  return {
    kind: "restore",
    identity: id.slice(0, 12),
    reason: `Another restore (of ${plan.project} ${plan.recoveryPoint}) was begun here and is not finished. Run that ` +
      "command again to continue it, or give it up with: drop schema lifeboat_restore cascade",
  };
}
