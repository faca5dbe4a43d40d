import type { BackupHistoryRow } from "../../contract/mod.ts";
import { LifeboatError } from "../errors.ts";
import { queryCurrentSchema } from "../schema_version.ts";
import { runIdentity } from "../run/run_identity.ts";
import { LeasedRun } from "../run/leased_run.ts";
import { RunConnection } from "../run/run_connection.ts";
import { RUN_TIMING, type RunDependencies } from "../run/run_store.ts";
import { readCarriedStep } from "./carried_step.ts";
import type { ChainHost, DumpStepRequest } from "./chain_host.ts";
import type { DumpFrame, DumpPosition } from "./dump_state.ts";
import { type ImportedSnapshot, snapshotLost, takeOverSnapshot } from "./import_snapshot.ts";
import type { CarriedParts } from "./part_writer.ts";
import { DUMP_SESSION } from "./snapshot.ts";
import { pinSettings } from "../catalogue/pin_settings.ts";

/** A step of a dump that is ours: the run, the snapshot, and what the invocations before carried. */
export interface ClaimedStep {
  readonly run: LeasedRun;
  readonly step: number;
  /** Steps of this run whose worker the platform ended. */
  readonly lostSteps: number;
  readonly snapshot: ImportedSnapshot;
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly parts: CarriedParts;
}

interface ClaimAnswer {
  readonly taken?: true;
  readonly lost?: true;
  readonly run: BackupHistoryRow;
  readonly epoch: string;
  readonly step: number;
  readonly lostSteps: number;
  /** An upload that an invocation began and did not live to tell of. */
  readonly upload: string | null;
}

/**
 * Takes a dump over where its last checkpoint stands: holds its snapshot and locks first, then takes the run itself.
 *
 * Throws `step_taken` when the run has another epoch by now or has ended, `snapshot_lost`, `lock_timeout`,
 * `schema_outdated`, and as the database does. May be repeated: one of several claims succeeds. The caller closes the session and executes the run.
 */
export async function claimDumpStep(
  dependencies: RunDependencies,
  host: Pick<ChainHost, "worker">,
  request: DumpStepRequest,
  lockTimeoutMs: number,
): Promise<ClaimedStep> {
  const { database, clock, timing = RUN_TIMING } = dependencies;
  const connection = new RunConnection(database, clock, timing.answerMs);
  const session = await database.connect(DUMP_SESSION);
  try {
    await pinSettings(session, lockTimeoutMs);
    const carried = await readCarriedStep(session, request);
    if (!carried) throw stepTaken(request);
    const { frame, position } = carried;
    const unread = frame.catalogue.tables.slice(position.rows.table);
    const snapshot = await takeOverSnapshot(session, request.snapshotId, unread);
    const leasedAtMs = clock.now().getTime();
    const { pid, backendStart, snapshotId } = snapshot;
    const [{ answer }] = await queryCurrentSchema<{ answer: ClaimAnswer }>(
      connection,
      "select lifeboat.claim_dump_step($1, $2, $3, $4, $5) as answer",
      [
        request.runId,
        request.epoch,
        carried.step,
        timing.leaseMs,
        JSON.stringify({ worker: host.worker, pid, backendStart, snapshotId }),
      ],
      { orNewer: true },
    );
    if (answer.taken) throw stepTaken(request);
    if (answer.lost) throw snapshotLost(request.snapshotId);
    return {
      run: new LeasedRun(runIdentity(answer.run, answer.epoch, leasedAtMs), connection, clock, timing),
      step: answer.step,
      lostSteps: answer.lostSteps,
      snapshot,
      frame,
      position,
      parts: { ...position.parts, uploadId: position.parts.uploadId ?? answer.upload, rest: carried.rest },
    };
  } catch (error) {
    await session.close();
    await connection.close();
    throw error;
  }
}

function stepTaken({ runId }: DumpStepRequest): LifeboatError {
  return new LifeboatError({
    code: "step_taken",
    kind: "conflict",
    message: "Another invocation works on this step of the dump, or the dump has ended.",
    hint: "Nothing needs to be done: look at the run in the history.",
    operation: "dump.claim",
    subject: runId,
  });
}
