import { type DumpHolder, dumpStepAnswer } from "../../contract/run_answers.ts";
import { LifeboatError } from "../errors.ts";
import { readAnswer } from "../sql_answer.ts";
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
  readonly snapshot: ImportedSnapshot;
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly parts: CarriedParts;
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
    const [row] = await queryCurrentSchema<{ answer: unknown }>(
      connection,
      "select lifeboat.claim_dump_step($1, $2, $3, $4, $5) as answer",
      [
        request.runId,
        request.epoch,
        carried.step,
        timing.leaseMs,
        JSON.stringify({ worker: host.worker, pid, backendStart, snapshotId } satisfies DumpHolder),
      ],
      { orNewer: true },
    );
    const answer = readAnswer(dumpStepAnswer, row.answer, "claim_dump_step");
    if ("taken" in answer) throw stepTaken(request);
    if ("lost" in answer) throw snapshotLost(request.snapshotId);
    return {
      run: new LeasedRun(runIdentity(answer.run, answer.epoch, leasedAtMs), connection, clock, timing),
      step: answer.step,
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
