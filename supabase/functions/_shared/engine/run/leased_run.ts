import type { BackupHistoryRow, RunKind, RunProgress } from "../../contract/mod.ts";
import type { Clock } from "../clock.ts";
import type { Run, RunCleanup } from "./run.ts";
import type { RunConnection } from "./run_connection.ts";
import { leaseLost, runCancelled, runTakenOver } from "./run_errors.ts";
import { storableJson } from "./safe_text.ts";

/** How often a run speaks to the database, in milliseconds. Tests shorten it. */
export interface RunTiming {
  /** A run that was not heard of for so long may be taken over. */
  readonly leaseMs: number;
  /** Five beats may fail before the lease is gone. */
  readonly heartbeatMs: number;
  /** Least time between two writes of progress; the page polls at about this pace. */
  readonly progressMs: number;
  /** How long one statement may take before the connection counts as dead. */
  readonly answerMs: number;
  /** How long the end of a run is tried to be written. Longer would outlive a hosted worker. */
  readonly settleMs: number;
}

export const RUN_TIMING: RunTiming = {
  leaseMs: 60_000,
  heartbeatMs: 10_000,
  progressMs: 2_000,
  answerMs: 10_000,
  settleMs: 45_000,
};

/** What `startRun` learned from the database. */
export interface RunIdentity {
  readonly id: string;
  readonly kind: RunKind;
  readonly project: string;
  readonly recoveryPoint: string;
  readonly startedAt: Date;
  readonly epoch: string;
  /** On our clock, taken before the lease was asked for: so our idea of its end is never later than the database's. */
  readonly leasedAtMs: number;
}

/** What a run is, from the row that the database answered with the lease. `leasedAtMs` as in `RunIdentity`. */
export function runIdentity(row: BackupHistoryRow, epoch: string, leasedAtMs: number): RunIdentity {
  return {
    id: row.id,
    kind: row.kind,
    project: row.project,
    recoveryPoint: row.recovery_point,
    startedAt: new Date(row.started_at),
    epoch,
    leasedAtMs,
  };
}

/** A run together with what keeps its lease. Made by `startRun`, brought to its end by `executeRun`. */
export class LeasedRun implements Run {
  readonly id: string;
  readonly kind: RunKind;
  readonly project: string;
  readonly recoveryPoint: string;
  readonly startedAt: Date;
  readonly epoch: string;
  readonly signal: AbortSignal;
  readonly connection: RunConnection;
  readonly clock: Clock;
  readonly timing: RunTiming;
  readonly #stop = new AbortController();
  #progress: RunProgress | undefined;
  #heardAtMs: number;
  #handingOver = false;
  #handedOver = false;

  constructor(identity: RunIdentity, connection: RunConnection, clock: Clock, timing: RunTiming) {
    this.id = identity.id;
    this.kind = identity.kind;
    this.project = identity.project;
    this.recoveryPoint = identity.recoveryPoint;
    this.startedAt = identity.startedAt;
    this.epoch = identity.epoch;
    this.signal = this.#stop.signal;
    this.connection = connection;
    this.clock = clock;
    this.timing = timing;
    this.#heardAtMs = identity.leasedAtMs;
  }

  report(progress: RunProgress): void {
    this.#progress = progress;
  }

  async confirm(): Promise<void> {
    this.signal.throwIfAborted();
    await this.#beat();
    this.signal.throwIfAborted();
  }

  async remember(cleanup: RunCleanup | undefined): Promise<void> {
    const [{ held }] = await this.connection.query<{ held: boolean }>(
      "select lifeboat.remember_upload($1, $2, $3, $4) as held",
      [this.id, this.epoch, cleanup?.uploadKey ?? null, cleanup?.uploadId ?? null],
    );
    if (!held) throw runTakenOver(this.id);
  }

  /** Stops the work; what it throws then is recorded as `reason`. Only the first reason counts. */
  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /**
   * From now on somebody else may take the lease, which then ends our heartbeat and not our work: a worker that hands its
   * run over still holds what the next one needs.
   */
  handOver(): void {
    this.#handingOver = true;
  }

  /** Nobody took it: the run is ours to end. Throws as `confirm`, for example because it was cancelled meanwhile. */
  async takeBack(): Promise<void> {
    this.#handingOver = false;
    await this.confirm();
  }

  /** The run as it is under another epoch: what a worker that handed it over needs to write how it ended. */
  underEpoch(epoch: string): LeasedRun {
    const identity = { ...this, epoch, leasedAtMs: this.clock.now().getTime() };
    return new LeasedRun(identity, this.connection, this.clock, this.timing);
  }

  /** Beats until `until` is aborted or the lease is gone. Never throws: what goes wrong stops the work instead. */
  async keepAlive(until: AbortSignal): Promise<void> {
    let failure: unknown;
    let beating: Promise<void> | undefined;
    let beatenAtMs = this.#heardAtMs;
    while (!until.aborted && !this.#handedOver) {
      await this.clock.sleep(this.timing.progressMs, until).catch(() => {});
      const nowMs = this.clock.now().getTime();
      if (!this.#handedOver && nowMs - this.#heardAtMs >= this.timing.leaseMs) {
        this.stop(leaseLost(this.id, nowMs - this.#heardAtMs, failure));
      }
      const due = this.#progress !== undefined || nowMs - beatenAtMs >= this.timing.heartbeatMs;
      if (until.aborted || this.#handedOver || beating || !due) continue;
      beatenAtMs = nowMs;
      // Not awaited: a database that does not answer must not keep the check above from being made.
      beating = this.#beat().catch((error) => void (failure = error)).finally(() => beating = undefined);
    }
    await beating;
  }

  async #beat(): Promise<void> {
    const askedAtMs = this.clock.now().getTime();
    const progress = this.#progress;
    this.#progress = undefined;
    try {
      const [answer] = await this.connection.query<{ held: boolean; cancelled: boolean }>(
        "select held, cancelled from lifeboat.beat($1, $2, $3, $4)",
        [this.id, this.epoch, this.timing.leaseMs, progress ? storableJson(progress) : null],
      );
      if (!answer.held && this.#handingOver) this.#handedOver = true;
      else if (!answer.held) this.stop(runTakenOver(this.id));
      else if (answer.cancelled && !this.#handingOver) this.stop(runCancelled(this.id));
      if (answer.held) this.#heardAtMs = Math.max(this.#heardAtMs, askedAtMs);
    } catch (error) {
      this.#progress ??= progress;
      throw error;
    }
  }
}
