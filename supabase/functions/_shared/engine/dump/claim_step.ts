import { dumpFrame, dumpPosition } from "../../contract/dump_state.ts";
import { type DumpHolder, dumpStepAnswer } from "../../contract/run_answers.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";
import { readBytea } from "../read_bytea.ts";
import { readAnswer } from "../sql_answer.ts";
import { leaseRun } from "../run/lease_run.ts";
import type { LeasedRun, RunDependencies } from "../run/run_store.ts";
import type { CarriedParts } from "../store/part_writer.ts";
import type { ChainHost, DumpStepRequest } from "./chain_host.ts";
import type { DumpFrame, DumpPosition } from "./dump_state.ts";
import { type ImportedSnapshot, snapshotLost, takeOverSnapshot } from "./import_snapshot.ts";
import { DUMP_SESSION } from "./snapshot.ts";
import { pinSettings } from "../catalogue/pin_settings.ts";
import { quoteLiteral } from "../format/sql_names.ts";

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
  const session = await dependencies.database.connect(DUMP_SESSION);
  try {
    await pinSettings(session, lockTimeoutMs);
    const carried = await readCarriedStep(session, request);
    if (!carried) throw stepTaken(request);
    const { frame, position } = carried;
    const unread = frame.catalogue.tables.slice(position.rows.table);
    const snapshot = await takeOverSnapshot(session, request.snapshotId, unread);
    const { pid, backendStart, snapshotId } = snapshot;
    const holder = JSON.stringify({ worker: host.worker, pid, backendStart, snapshotId } satisfies DumpHolder);
    const { run, lease } = await leaseRun(
      dependencies,
      "lifeboat.claim_dump_step($1, $2, $3, $4, $5)",
      (leaseMs) => [request.runId, request.epoch, carried.step, leaseMs, holder],
      { orNewer: true },
      (answer) => {
        const read = readAnswer(dumpStepAnswer, answer, "claim_dump_step");
        if ("taken" in read) throw stepTaken(request);
        if ("lost" in read) throw snapshotLost(request.snapshotId);
        return read;
      },
    );
    return {
      run,
      step: lease.step,
      lostSteps: lease.lostSteps,
      snapshot,
      frame,
      position,
      parts: { ...position.parts, uploadId: position.parts.uploadId ?? lease.upload, rest: carried.rest },
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Where the last checkpoint of a run stands. */
interface CarriedStep {
  /** Its number. */
  readonly step: number;
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly rest: Uint8Array;
}

const LAST_STEP = `from lifeboat.leases l join lifeboat.dumps d on d.run_id = l.run_id
  join lifeboat.dump_steps s on s.run_id = d.run_id`;

/** Undefined when the run has another epoch by now, or has ended. To be read outside the snapshot, which is older. */
async function readCarriedStep(
  session: Session,
  { runId, epoch }: DumpStepRequest,
): Promise<CarriedStep | undefined> {
  const [carried] = await session.query<{ step: number; frame: unknown; position: unknown; rest_bytes: number }>(
    `select s.step, d.frame, s.position, octet_length(s.rest) as rest_bytes ${LAST_STEP}
     where l.run_id = $1 and l.epoch = $2 order by s.step desc limit 1`,
    [runId, epoch],
  );
  if (!carried) return undefined;
  const { step, rest_bytes: restBytes } = carried;
  const frame = readAnswer(dumpFrame, carried.frame, "dumps.frame");
  const position = readAnswer(dumpPosition, carried.position, "dump_steps.position");
  const rest = await readRest(session, runId, step, restBytes);
  return rest && { step, frame, position, rest };
}

/** Undefined when it is not of this length: somebody has come further meanwhile. */
async function readRest(
  session: Session,
  runId: string,
  step: number,
  restBytes: number,
): Promise<Uint8Array | undefined> {
  // `runId` came back from the database as a uuid that it knows.
  const where = `run_id = ${quoteLiteral(runId)} and step = ${step}`;
  const rest = await readBytea(session, `select rest from lifeboat.dump_steps where ${where}`);
  return rest?.length === restBytes ? rest : undefined;
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
