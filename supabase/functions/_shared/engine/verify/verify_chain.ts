import {
  type VerifyFound,
  verifyFound,
  type VerifyPosition,
  verifyStepAnswer,
  watchedVerify,
} from "../../contract/verify_steps.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { growingDelayMs } from "../retry.ts";
import type { Budget } from "../run/budget.ts";
import { noteCutShort } from "../run/hand_over.ts";
import { leaseRun } from "../run/lease_run.ts";
import { runTakenOver } from "../run/run_errors.ts";
import type { LeasedRun, LeftRun, RunDependencies } from "../run/run_store.ts";
import { storableJson } from "../run/safe_text.ts";
import { readAnswer } from "../sql_answer.ts";
import type { VerifyCheckpoint } from "./verify_point.ts";

/** What the next invocation has to know; everything else lies in the database. */
export interface VerifyStepRequest {
  readonly runId: string;
  /** The epoch that the run has now: whoever comes second finds another. */
  readonly epoch: string;
}

export interface VerifyStepStarter {
  /**
   * Starts an invocation and resolves once it holds the run. Throws `step_taken` when another has taken the step, and
   * `step_not_started` (transient). May be repeated.
   */
  startVerifyStep(request: VerifyStepRequest, signal?: AbortSignal): Promise<void>;
}

/** What a host with limits gives, so that a verify goes on in another invocation when they are near. */
export interface VerifyHost {
  readonly starter: VerifyStepStarter;
  /** A new budget for each invocation. Each lost step halves it. */
  budget(lostSteps: number): Budget;
  /** How often an invocation that handed over looks at the run, in milliseconds. */
  readonly pollMs: number;
  /** An invocation that was not heard of for so long counts as dead. */
  readonly silentMs: number;
  /** Longest that an invocation watches the next one: the platform ends it soon after. */
  readonly watchMs: number;
  /** Aborted when the platform is about to end this process. */
  readonly ending?: AbortSignal | undefined;
}

/** A step of a verify that is ours. */
export interface ClaimedVerify {
  readonly run: LeasedRun;
  /** Counts from 1. */
  readonly step: number;
  /** How often this step was begun. */
  readonly attempts: number;
  readonly position: VerifyPosition;
  readonly lostSteps: number;
}

/** Each attempt has half the work of the one before; `verify_can_go_on` in SQL has the same number. */
const MOST_ATTEMPTS = 5;
/** How often the next invocation is called: one call may meet a platform that is busy. */
const MOST_STARTS = 4;

/** Notes that a verify has begun: from then on others can go on with it. May be repeated. Throws as the database does. */
export async function beginVerify(run: LeasedRun, position: VerifyPosition): Promise<ClaimedVerify> {
  await run.connection.query("select lifeboat.begin_verify($1, $2)", [run.id, JSON.stringify(position)]);
  return { run, step: 1, attempts: 1, position, lostSteps: 0 };
}

/**
 * Takes a verify over where its last checkpoint stands. Throws `step_taken` when the run has another epoch by now or has
 * ended, `schema_outdated`, and as the database does. May be repeated: one of several claims succeeds.
 */
export async function claimVerifyStep(
  dependencies: RunDependencies,
  request: VerifyStepRequest,
): Promise<ClaimedVerify> {
  const { run, lease } = await leaseRun(
    dependencies,
    "lifeboat.claim_verify_step($1, $2, $3)",
    (leaseMs) => [request.runId, request.epoch, leaseMs],
    { orNewer: true },
    (answer) => {
      const read = readAnswer(verifyStepAnswer, answer, "claim_verify_step");
      if ("taken" in read) throw stepTaken(request);
      return read;
    },
  );
  const { step, attempts, position, lostSteps } = lease;
  return { run, step, attempts, position, lostSteps };
}

/** Throws `step_abandoned` for a step that ended so many workers that the next one would die, too. */
export function assertCanSucceed({ run, attempts }: ClaimedVerify): void {
  if (attempts <= MOST_ATTEMPTS) return;
  throw new LifeboatError({
    code: "step_abandoned",
    kind: "transient",
    message: `The same step of the verify ended its worker ${attempts - 1} times.`,
    hint: "Verify from the command line: npm run lifeboat -- verify.",
    operation: "verify.step",
    subject: run.id,
  });
}

/** What the steps before found, in their order. Throws as the database does. */
export async function readFound(run: LeasedRun): Promise<VerifyFound[]> {
  const [{ found }] = await run.connection.query<{ found: unknown }>(
    "select lifeboat.verify_found($1) as found",
    [run.id],
  );
  return readAnswer(verifyFound.array(), found, "verify_found");
}

/**
 * Writes where another invocation goes on, starts it, and watches until it has handed over itself: whoever dies is
 * replaced. Throws `run_taken_over` and as the database does.
 */
export async function handOver(
  { run, step }: ClaimedVerify,
  { position, found }: VerifyCheckpoint,
  host: VerifyHost,
): Promise<LeftRun> {
  const [{ held }] = await run.connection.query<{ held: boolean }>(
    "select lifeboat.checkpoint_verify($1, $2, $3, $4, $5) as held",
    [run.id, run.epoch, step, JSON.stringify(position), storableJson(found)],
  );
  if (!held) throw runTakenOver(run.id);
  await noteCutShort(run, host.ending);
  run.handOver();
  try {
    // A run that nobody could be started for is taken up by maintenance once its lease has run out.
    if (await startNext(run, host)) await watch(run, host);
  } catch (error) {
    // The checkpoint is written: a worker that has to end before its successor is there does not end the run.
    if (!run.signal.aborted) throw error;
  }
  return { left: undefined };
}

async function startNext({ id, epoch, clock, signal, connection }: LeasedRun, host: VerifyHost): Promise<boolean> {
  for (let tries = 1; tries <= MOST_STARTS; tries++) {
    if (tries > 1) await clock.sleep(growingDelayMs(tries - 1), signal);
    if (await start(host, { runId: id, epoch })) return true;
    // The answer may have been lost, and not the start.
    if ((await look(connection, id))?.epoch !== epoch) return true;
  }
  return false;
}

/**
 * False when nobody was started. Somebody else being at this step already is what is wanted. The call is not broken off
 * when this worker has to end: a busy host takes longer for a start than a worker is given then.
 */
async function start(host: VerifyHost, request: VerifyStepRequest): Promise<boolean> {
  try {
    await host.starter.startVerifyStep(request);
    return true;
  } catch (error) {
    if (hasCode(error, "step_taken")) return true;
    if (hasCode(error, "step_not_started")) return false;
    throw error;
  }
}

/** Ends when the next invocation has handed over, the run has ended, or this worker has to. */
async function watch(run: LeasedRun, host: VerifyHost): Promise<void> {
  const { clock, connection, id } = run;
  const until = clock.now().getTime() + host.watchMs;
  let next: string | null | undefined;
  while (!host.ending?.aborted && clock.now().getTime() < until) {
    await clock.sleep(host.pollMs, host.ending).catch(() => {});
    const state = await look(connection, id);
    if (!state?.running || state.epoch === null) return;
    next ??= state.epoch;
    if (state.epoch !== next) return;
    if (state.silentMs === null || state.silentMs < host.silentMs) continue;
    await start(host, { runId: id, epoch: state.epoch });
    next = undefined;
  }
}

async function look(connection: LeasedRun["connection"], runId: string) {
  const [row] = await connection.query<{ state: unknown }>("select lifeboat.watch_verify($1) as state", [runId]);
  return row && readAnswer(watchedVerify, row.state, "watch_verify");
}

function stepTaken({ runId }: VerifyStepRequest): LifeboatError {
  return new LifeboatError({
    code: "step_taken",
    kind: "conflict",
    message: "Another invocation works on this step of the verify, or the verify has ended.",
    hint: "Nothing needs to be done: look at the run in the history.",
    operation: "verify.claim",
    subject: runId,
  });
}
