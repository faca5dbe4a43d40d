import type { Session } from "../database.ts";
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
  const [carried] = await session.query<Omit<CarriedStep, "rest">>(
    `select s.step, d.frame, s.position ${LAST_STEP} where l.run_id = $1 and l.epoch = $2 order by s.step desc limit 1`,
    [runId, epoch],
  );
  return carried && { ...carried, rest: await readRest(session, runId, carried.step) };
}

/** Bytes before the value in a binary COPY of one field: signature, flags, no extension, field count, length. */
const VALUE_OFFSET = 11 + 4 + 4 + 2 + 4;

/** By COPY: as text, bytea is twice as long and costs a function 10 ms of CPU for each MiB. */
async function readRest(session: Session, runId: string, step: number): Promise<Uint8Array> {
  // A COPY takes no parameters. `runId` came back from the database as a uuid that it knows.
  const where = `run_id = '${runId.replaceAll("'", "''")}' and step = ${step}`;
  const blocks: Uint8Array[] = [];
  const copy = `copy (select rest from lifeboat.dump_steps where ${where}) to stdout (format binary)`;
  for await (const block of session.copyOut(copy)) blocks.push(block.slice());
  const bytes = blocks.length === 1 ? blocks[0] : new Uint8Array(await new Blob(blocks as BlobPart[]).arrayBuffer());
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(VALUE_OFFSET - 4);
  return bytes.subarray(VALUE_OFFSET, VALUE_OFFSET + length);
}
