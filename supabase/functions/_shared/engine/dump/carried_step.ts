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
  const [carried] = await session.query<Omit<CarriedStep, "rest"> & { readonly rest_bytes: number }>(
    `select s.step, d.frame, s.position, octet_length(s.rest) as rest_bytes ${LAST_STEP}
     where l.run_id = $1 and l.epoch = $2 order by s.step desc limit 1`,
    [runId, epoch],
  );
  if (!carried) return undefined;
  const { rest_bytes: restBytes, ...step } = carried;
  const rest = await readRest(session, runId, step.step, restBytes);
  return rest && { ...step, rest };
}

/** Bytes before the value in a binary COPY of one field: signature, flags, no extension, field count, length. */
const VALUE_OFFSET = 11 + 4 + 4 + 2 + 4;

/**
 * By COPY: as text, bytea is twice as long and costs a function 10 ms of CPU for each MiB. Undefined when it is not of
 * this length: somebody has come further meanwhile.
 */
async function readRest(
  session: Session,
  runId: string,
  step: number,
  restBytes: number,
): Promise<Uint8Array | undefined> {
  // A COPY takes no parameters. `runId` came back from the database as a uuid that it knows.
  const where = `run_id = '${runId.replaceAll("'", "''")}' and step = ${step}`;
  const copy = `copy (select rest from lifeboat.dump_steps where ${where}) to stdout (format binary)`;
  const rest = new Uint8Array(restBytes);
  let offset = -VALUE_OFFSET;
  let length: number | undefined;
  for await (const block of session.copyOut(copy)) {
    // Without a row the first block is shorter.
    if (block.length < VALUE_OFFSET && length === undefined) return undefined;
    length ??= new DataView(block.buffer, block.byteOffset).getInt32(VALUE_OFFSET - 4);
    const value = block.subarray(Math.max(0, -offset), Math.max(0, restBytes - offset));
    rest.set(value, Math.max(0, offset));
    offset += block.length;
  }
  return length === restBytes ? rest : undefined;
}
