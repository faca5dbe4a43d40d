import { COMMAND_LINE_VERIFY } from "../../supabase/functions/_shared/compose/verify.ts";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import {
  beginVerifyRun,
  continueVerifyRun,
  type RunVerifyDependencies,
} from "../../supabase/functions/_shared/engine/admin/run_verify.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { createBudget } from "../../supabase/functions/_shared/engine/run/budget.ts";
import { type RunTiming, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { VerifyCoverage } from "../../supabase/functions/_shared/engine/verify/sampling.ts";
import {
  claimVerifyStep,
  type VerifyHost,
  type VerifyStepRequest,
} from "../../supabase/functions/_shared/engine/verify/verify_chain.ts";
import { eventually } from "../support/eventually.ts";
import type { VerifyStage } from "./verify_stage.ts";

/** The real proportions, ten times as fast. */
const TIMING: RunTiming = { leaseMs: 6_000, heartbeatMs: 1_000, progressMs: 200, answerMs: 5_000, settleMs: 3_000 };

export interface StepsOptions {
  readonly stepBytes: number;
  /** Called before an invocation works, 1 first. One that dies has taken the step and is not heard of again. */
  readonly onInvocation?: (number: number) => Promise<"die" | void> | "die" | void;
  /** Called before an invocation starts the next one; `end` announces the end of the starting one's worker. */
  readonly onStart?: (number: number, end: AbortController) => void;
}

/** A verify by many invocations, as edge functions make it, each with a connection of its own. */
export class VerifySteps {
  invocations = 0;
  /** What each step was allowed to do, in bytes. */
  readonly budgets: number[] = [];
  readonly #stage: VerifyStage;
  readonly #options: StepsOptions;
  readonly #dependencies: RunVerifyDependencies & { readonly timing: RunTiming };
  readonly #working = new Set<Promise<unknown>>();

  constructor(stage: VerifyStage, options: StepsOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#dependencies = { ...stage.dependencies(stage.connectingDatabase()), timing: TIMING };
  }

  /** Returns the id of the run, which others may be at work at. */
  async begin(coverage: VerifyCoverage = { coverage: "deep" }): Promise<string> {
    const run = await startRun(this.#dependencies, {
      kind: "verify",
      project: this.#stage.database.project,
      trigger: "api",
      recoveryPoint: this.#stage.point,
    });
    this.#work((host) => beginVerifyRun(this.#dependencies, COMMAND_LINE_VERIFY, coverage, run, host), () => run);
    return run.id;
  }

  async verify(coverage?: VerifyCoverage): Promise<BackupHistoryRow> {
    return await this.ended(await this.begin(coverage));
  }

  async ended(runId: string): Promise<BackupHistoryRow> {
    const row = await eventually("the verify has ended", async () => {
      const row = await this.#stage.project.run(runId);
      return row.status === "running" ? undefined : row;
    }, 120_000);
    await Promise.all(this.#working);
    return row;
  }

  readonly starter = {
    startVerifyStep: async (request: VerifyStepRequest) => {
      const claimed = await claimVerifyStep(this.#dependencies, request);
      this.#work(
        (host) => continueVerifyRun(this.#dependencies, COMMAND_LINE_VERIFY, claimed, host),
        () => claimed.run,
      );
    },
  };

  #work(
    work: (host: VerifyHost) => Promise<unknown>,
    run: () => { readonly connection: { close(): Promise<void> } },
  ): void {
    const number = ++this.invocations;
    const working: Promise<unknown> = (async () => {
      if (await this.#options.onInvocation?.(number) === "die") await run().connection.close();
      else await work(this.#host(number));
    })().finally(() => this.#working.delete(working));
    this.#working.add(working);
  }

  #host(number: number): VerifyHost {
    const end = new AbortController();
    return {
      ending: end.signal,
      starter: {
        startVerifyStep: async (request) => {
          this.#options.onStart?.(number, end);
          await this.starter.startVerifyStep(request);
        },
      },
      budget: (lostSteps) => {
        const bytes = Math.ceil(this.#options.stepBytes / 2 ** lostSteps);
        this.budgets.push(bytes);
        return createBudget({ bytes, wallMs: 30_000 }, systemClock, end.signal);
      },
      pollMs: 100,
      silentMs: 2_500,
      watchMs: 20_000,
    };
  }
}
