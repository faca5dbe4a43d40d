import { dumpFrame, dumpPosition } from "../../contract/dump_state.ts";
import type { Session } from "../database.ts";
import { readBytea } from "../read_bytea.ts";
import { readAnswer } from "../sql_answer.ts";
import type { DumpStepRequest } from "./chain_host.ts";
import type { DumpFrame, DumpPosition } from "./dump_state.ts";

/** Where the last checkpoint of a run stands. */
export interface CarriedStep {
  /** Its number. */
  readonly step: number;
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly rest: Uint8Array;
}

const LAST_STEP = `from lifeboat.leases l join lifeboat.dumps d on d.run_id = l.run_id
  join lifeboat.dump_steps s on s.run_id = d.run_id`;

/** Undefined when the run has another epoch by now, or has ended. To be read outside the snapshot, which is older. */
export async function readCarriedStep(
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
  const where = `run_id = '${runId.replaceAll("'", "''")}' and step = ${step}`;
  const rest = await readBytea(session, `select rest from lifeboat.dump_steps where ${where}`);
  return rest?.length === restBytes ? rest : undefined;
}
