import type { BackupHistoryRow } from "../../contract/mod.ts";
import { type DumpHolder, type WatchedDump, watchedDump } from "../../contract/run_answers.ts";
import { asLifeboatError, hasCode, LifeboatError } from "../errors.ts";
import { growingDelayMs, retry } from "../retry.ts";
import type { Budget } from "../run/budget.ts";
import { noteCutShort } from "../run/hand_over.ts";
import type { LeasedRun, LeftRun } from "../run/run_store.ts";
import { runTakenOver } from "../run/run_errors.ts";
import { readAnswer } from "../sql_answer.ts";
import { settleRun } from "../run/settle_run.ts";
import type { ChainHost, DumpStepRequest } from "./chain_host.ts";
import type { DumpCheckpoint, DumpDone } from "./dump_state.ts";
import { snapshotLost } from "./import_snapshot.ts";
import type { Snapshot } from "./snapshot.ts";

/** A step that fails so often fails for a reason of its own. */
const MOST_ATTEMPTS = 3;
/** How often the next invocation is asked for (500 ms, 2 s and 8 s after a failure): the platform may be busy. */
const MOST_STARTS = 4;
/** What trying again in the same state cannot change. */
const FINAL_CODES = ["lock_timeout", "configuration_invalid", "not_authenticated"];

/**
 * One invocation's part in a dump that several do one after the other. An invocation that
 * starts its successor keeps its session with the snapshot open until two later invocations hold the snapshot, so that the
 * death of one of them costs a step and not the run.
 */
export class DumpChain {
  readonly #run: LeasedRun;
  readonly #host: ChainHost;
  readonly #step: number;
  #lostSteps: number;
  #budget: Budget | undefined;

  /** `step` counts from 1; `lostSteps` of this run were ended by the platform. */
  constructor(run: LeasedRun, host: ChainHost, step: number, lostSteps: number) {
    this.#run = run;
    this.#host = host;
    this.#step = step;
    this.#lostSteps = lostSteps;
  }

  get budget(): Budget {
    return this.#budget ??= this.#host.budget(this.#lostSteps);
  }

  /** Whether an earlier invocation wrote a part of this dump, or a checkpoint lets a later one do so. */
  get continued(): boolean {
    return this.#step > 1;
  }

  /** Notes that a dump has begun whose worker may die: from then on another is started in its place. May be repeated. */
  async announce(): Promise<void> {
    const [{ lost }] = await this.#run.connection.query<{ lost: number }>(
      "select lifeboat.announce_dump($1) as lost",
      [this.#run.id],
    );
    this.#lostSteps = lost;
  }

  /** Notes that the snapshot is held. To be called before anything is written. */
  async begin(snapshot: Snapshot): Promise<void> {
    await this.#run.connection.query("select lifeboat.begin_dump($1, $2)", [this.#run.id, this.holder(snapshot)]);
  }

  holder(snapshot: Pick<Snapshot, "pid" | "backendStart" | "snapshotId">): string {
    const { pid, backendStart, snapshotId } = snapshot;
    return JSON.stringify({ worker: this.#host.worker, pid, backendStart, snapshotId } satisfies DumpHolder);
  }

  /** Writes where another invocation goes on. May be repeated. Throws `run_taken_over`. */
  async checkpoint({ frame, position, done, rest }: DumpCheckpoint): Promise<void> {
    const [{ held }] = await this.#run.connection.query<{ held: boolean }>(
      "select lifeboat.checkpoint_dump($1, $2, $3, $4, $5, $6, $7) as held",
      [
        this.#run.id,
        this.#run.epoch,
        this.#step,
        this.continued ? null : JSON.stringify(frame),
        JSON.stringify(position),
        JSON.stringify(done),
        rest,
      ],
    );
    if (!held) throw runTakenOver(this.#run.id);
    await noteCutShort(this.#run, this.#host.ending);
  }

  /** What the steps before this one added. It is not checked member by member, which would take a tenth of a second. */
  async readDone(): Promise<DumpDone> {
    const rows = await this.#run.connection.query<{ done: DumpDone }>(
      "select done from lifeboat.dump_steps where run_id = $1 and step < $2 order by step",
      [this.#run.id, this.#step],
    );
    return {
      members: rows.flatMap(({ done }) => done.members),
      parts: rows.flatMap(({ done }) => done.parts),
      tables: rows.flatMap(({ done }) => done.tables),
      ledger: rows.flatMap(({ done }) => done.ledger),
    };
  }

  /**
   * Starts the next invocation, and holds the snapshot until it is needed no more. To be called after the checkpoint, with
   * the session still open. Throws what keeps the next one from going on; the run is then still ours to end.
   */
  async handOver(snapshot: Pick<Snapshot, "snapshotId">): Promise<LeftRun> {
    this.#run.handOver();
    try {
      await this.#startSuccessor(snapshot.snapshotId);
    } catch (error) {
      await this.#run.takeBack();
      throw error;
    }
    return { left: await this.#hold(snapshot.snapshotId) };
  }

  /**
   * Leaves a step that broke to another invocation, which somebody who holds the snapshot starts. False when that is of no
   * use: then the run has failed.
   */
  async giveBack(error: unknown): Promise<boolean> {
    const { kind, code } = asLifeboatError(error);
    if (!this.continued || kind !== "transient" || FINAL_CODES.includes(code)) return false;
    const [{ left }] = await this.#run.connection.query<{ left: boolean }>(
      "select lifeboat.give_back_dump_step($1, $2, $3) as left",
      [this.#run.id, this.#run.epoch, MOST_ATTEMPTS],
    );
    return left;
  }

  async #startSuccessor(snapshotId: string): Promise<void> {
    const { clock, epoch, signal } = this.#run;
    const rules = {
      tries: MOST_STARTS,
      mayPass: (error: unknown) => !hasCode(error, "snapshot_lost", ...FINAL_CODES),
      delayMs: growingDelayMs,
    };
    await retry(clock, rules, async () => {
      try {
        await this.#start({ runId: this.#run.id, epoch, snapshotId }, signal);
      } catch (error) {
        // The answer may have been lost, and not the start.
        if ((await this.#watch()).epoch === epoch) throw error;
      }
    }, signal);
  }

  /** Returns the run's row if it had to be ended here. */
  async #hold(ownSnapshot: string): Promise<BackupHistoryRow | undefined> {
    const { clock } = this.#run;
    const { pollMs, silentMs, holdMs, ending } = this.#host;
    const until = clock.now().getTime() + holdMs;
    let polledWithoutWriter = 0;
    while (!ending?.aborted && clock.now().getTime() < until) {
      await clock.sleep(pollMs, ending).catch(() => {});
      const state = await this.#watch();
      if (!state.running || state.epoch === null || state.relieved) return;
      // Between the end of its session and the end of its run a writer stores the manifest's figures in the history.
      polledWithoutWriter = state.writerHolds ? 0 : polledWithoutWriter + 1;
      if (!state.givenBack && polledWithoutWriter < 2 && (state.silentMs ?? 0) < silentMs) continue;
      const error = await this.#replace(state, state.epoch, ownSnapshot);
      if (error) return await settleRun(this.#run.underEpoch(state.epoch), { error });
      polledWithoutWriter = 0;
    }
  }

  /** Starts another invocation in the place of one that died. Returns why the run cannot go on. */
  async #replace(state: WatchedDump, epoch: string, ownSnapshot: string): Promise<LifeboatError | undefined> {
    if (state.attempts >= MOST_ATTEMPTS) return stepAbandoned(this.#run.id, state.attempts);
    if (state.snapshot === null) return snapshotLost(ownSnapshot);
    // Its holder may have died meanwhile; our own session lives.
    for (const snapshotId of new Set([state.snapshot, ownSnapshot])) {
      try {
        return void await this.#start({ runId: this.#run.id, epoch, snapshotId }, this.#host.ending);
      } catch (error) {
        if (hasCode(error, ...FINAL_CODES) || hasCode(error, "snapshot_lost") && snapshotId === ownSnapshot) {
          return error;
        }
        // Not started, or by another holder: the next look at the run tells. The lease ends it if nobody can.
        if (!hasCode(error, "snapshot_lost")) return;
      }
    }
  }

  /** Somebody else being at this step already is what is wanted. */
  async #start(request: DumpStepRequest, signal?: AbortSignal): Promise<void> {
    try {
      await this.#host.starter.startDumpStep(request, signal);
    } catch (error) {
      if (!hasCode(error, "step_taken")) throw error;
    }
  }

  async #watch(): Promise<WatchedDump> {
    const [{ state }] = await this.#run.connection.query<{ state: unknown }>(
      "select lifeboat.watch_dump($1, $2, $3) as state",
      [this.#run.id, this.#step, this.#host.worker],
    );
    return readAnswer(watchedDump, state, "watch_dump");
  }
}

function stepAbandoned(runId: string, attempts: number): LifeboatError {
  return new LifeboatError({
    code: "step_abandoned",
    kind: "transient",
    message: `The same step of the dump ended its worker ${attempts} times.`,
    hint: "It is started anew once by itself. If that fails too, run the backup from the command line.",
    operation: "dump.step",
    subject: runId,
  });
}
