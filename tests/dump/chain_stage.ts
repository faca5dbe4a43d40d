import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import {
  beginDatabaseBackup,
  continueDatabaseBackup,
  type DatabaseBackupDependencies,
} from "../../supabase/functions/_shared/engine/backup/run_database_backup.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database, Session } from "../../supabase/functions/_shared/engine/database.ts";
import type { ChainHost, DumpStepRequest } from "../../supabase/functions/_shared/engine/dump/chain_host.ts";
import { claimDumpStep } from "../../supabase/functions/_shared/engine/dump/claim_step.ts";
import type { DumpSettings } from "../../supabase/functions/_shared/engine/dump/dump_settings.ts";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { createBudget } from "../../supabase/functions/_shared/engine/run/budget.ts";
import { type RunTiming, startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { PausableProcess } from "../support/pausable_process.ts";
import { eventually } from "../support/eventually.ts";

/** A tenth of the real times, so that their proportions are the real ones. */
const TIMING: ChainTiming = {
  leaseMs: 6_000,
  heartbeatMs: 1_000,
  progressMs: 200,
  answerMs: 5_000,
  settleMs: 3_000,
  pollMs: 100,
  silentMs: 2_500,
  holdMs: 20_000,
};
const MEBIBYTE = 1024 * 1024;

export const dumpSettings: DumpSettings = {
  scope: { schemas: ["public"], excludedTables: [], excludedColumns: [] },
  projectUrl: "https://sample.example.com",
  maxRowBytes: 32 * MEBIBYTE,
  lockTimeoutMs: 5_000,
  recoveryGuide: "# Sample guide\n",
  edgeFunctions: [],
  secretNames: [],
};

export type ChainTiming = RunTiming & Pick<ChainHost, "pollMs" | "silentMs" | "holdMs">;

export interface ChainOptions {
  readonly url: string;
  readonly store: ObjectStore;
  /** Greatest number of JSON bytes that an invocation dumps. */
  readonly stepBytes: number;
  /** Called with the number of each invocation as it begins, 1 first. */
  readonly onInvocation?: (invocation: Invocation) => void | Promise<void>;
  /** Called before each statement and each request of an invocation, counted from 1. */
  readonly before?: (invocation: Invocation, action: number, what: string) => void | Promise<void>;
  readonly timing?: ChainTiming;
  /** Called again and again while the dump is made, as cron calls maintenance. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * An invocation of `database-backup` without HTTP. It has connections of its own, and can be killed, after which it
 * does nothing any more, or paused, after which it goes on.
 */
export class Invocation {
  readonly process = new PausableProcess();
  readonly worker: string = crypto.randomUUID();
  actions = 0;
  dead = false;
  /** Of the run, when this invocation made its budget. */
  lostSteps = 0;
  readonly #sessions = new Set<Session>();

  constructor(readonly number: number, readonly options: ChainOptions) {}

  async kill(): Promise<never> {
    this.dead = true;
    for (const session of this.#sessions) void session.close();
    return await forEver();
  }

  async #act(what: string): Promise<void> {
    if (this.dead) await forEver();
    await this.options.before?.(this, ++this.actions, what);
    await this.#alive();
  }

  async #alive(): Promise<void> {
    await this.process.running();
    if (this.dead) await forEver();
  }

  get database(): Database {
    const database = createPostgresDatabase({ url: this.options.url });
    const connect: Database["connect"] = async (options, signal) => {
      await this.#act("connect");
      const session = await database.connect(options, signal);
      this.#sessions.add(session);
      if (this.dead) await this.kill();
      return {
        query: async <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) => {
          await this.#act(text);
          try {
            return await session.query<Row>(text, params, signal);
          } finally {
            await this.#alive();
          }
        },
        copyOut: (text, signal) => this.#copy(session, text, signal),
        close: async () => {
          await this.#alive();
          this.#sessions.delete(session);
          await session.close();
        },
      };
    };
    return { connect };
  }

  async *#copy(session: Session, text: string, signal?: AbortSignal) {
    await this.#act(text);
    try {
      for await (const block of session.copyOut(text, signal)) {
        await this.#alive();
        yield block;
      }
    } finally {
      await this.#alive();
    }
  }

  get store(): ObjectStore {
    const { store } = this.options;
    const ask = async <Result>(what: string, request: () => Promise<Result>): Promise<Result> => {
      await this.#act(what);
      try {
        return await request();
      } finally {
        await this.#alive();
      }
    };
    return {
      ...bound(store),
      head: (...given) => ask("s3 head", () => store.head(...given)),
      put: (...given) => ask("s3 put", () => store.put(...given)),
      openUpload: (...given) =>
        ask("s3 open upload", async () => {
          const upload = await store.openUpload(...given);
          return {
            uploadId: upload.uploadId,
            abort: (signal) => ask("s3 abort", () => upload.abort(signal)),
            putPart: (...given) => ask("s3 put part", () => upload.putPart(...given)),
            complete: async (...given) => {
              const stored = await ask("s3 complete", () => upload.complete(...given));
              await this.#act("s3 completed");
              return stored;
            },
          };
        }),
    };
  }
}

/** A dump, from its first invocation until every invocation has ended or was killed. */
export class Chain {
  readonly invocations: Invocation[] = [];
  readonly #alive = new Set<Promise<unknown>>();
  readonly errors: unknown[] = [];

  constructor(readonly options: ChainOptions) {}

  /** Returns the settled row; undefined when all invocations were killed before one could settle it. */
  async run(): Promise<BackupHistoryRow | undefined> {
    const invocation = await this.#enter();
    const { url } = this.options;
    const database = createPostgresDatabase({ url });
    const run = await startRun(
      { database: invocation.database, clock: invocation.process.clock, timing: this.#timing },
      { kind: "database", project: "sample", trigger: "cron" },
    );
    this.#keep(invocation, beginDatabaseBackup(this.#dependencies(invocation), dumpSettings, run));
    const found = await eventually("the dump has ended, or nobody is left who could end it", async () => {
      const row = await this.#row(database, run.id);
      if (row.status !== "running" || this.#alive.size === 0) return { row };
      await this.options.meanwhile?.();
    }, 600_000);
    if (found.row.status === "running") return undefined;
    await Promise.allSettled(this.#alive);
    return found.row;
  }

  get #timing(): ChainTiming {
    return this.options.timing ?? TIMING;
  }

  async #row(database: Database, id: string): Promise<BackupHistoryRow> {
    const session = await database.connect({ applicationName: "test" });
    try {
      const [{ row }] = await session.query<{ row: BackupHistoryRow }>(
        "select to_jsonb(h) as row from public.backup_history h where id = $1",
        [id],
      );
      return row;
    } finally {
      await session.close();
    }
  }

  async #enter(): Promise<Invocation> {
    const invocation = new Invocation(this.invocations.length + 1, this.options);
    this.invocations.push(invocation);
    await this.options.onInvocation?.(invocation);
    return invocation;
  }

  #keep(invocation: Invocation, work: Promise<unknown>): void {
    const death = eventually("the invocation is dead", () => invocation.dead, Infinity);
    const alive: Promise<unknown> = Promise.race([work.catch((error) => this.errors.push(error)), death]).finally(
      () => {
        this.#alive.delete(alive);
        invocation.dead = true;
      },
    );
    this.#alive.add(alive);
  }

  async #start(request: DumpStepRequest): Promise<void> {
    const invocation = await this.#enter();
    const dependencies = this.#dependencies(invocation);
    const { database, clock } = dependencies;
    const claim = claimDumpStep({ database, clock, timing: this.#timing }, invocation, request, 5_000);
    // The invocation goes on whether or not its caller still waits for the answer.
    this.#keep(invocation, claim.then((step) => continueDatabaseBackup(dependencies, step), () => {}));
    await Promise.race([claim, unanswered(invocation, this.#timing.answerMs)]);
  }

  #dependencies(invocation: Invocation): DatabaseBackupDependencies {
    return {
      database: invocation.database,
      store: invocation.store,
      compressor: nodeGzip,
      checksums: nodeChecksums,
      clock: invocation.process.clock,
      mediaStarter: { startMedia: () => Promise.resolve() },
      notifier: {
        notify: () => Promise.resolve({ status: "off" }),
      } as unknown as DatabaseBackupDependencies["notifier"],
      chain: () => ({
        worker: invocation.worker,
        starter: { startDumpStep: (request) => this.#start(request) },
        budget: (lostSteps) => {
          invocation.lostSteps = lostSteps;
          return createBudget({ bytes: this.options.stepBytes, wallMs: 60_000 }, systemClock);
        },
        ...this.#timing,
      }),
    };
  }
}

async function unanswered(invocation: Invocation, mostMs: number): Promise<never> {
  await eventually("the worker is dead", () => invocation.dead, mostMs).catch(() => {});
  throw new LifeboatError({
    code: "step_not_started",
    kind: "transient",
    message: "The worker did not answer.",
    hint: "None.",
    operation: "test",
  });
}

function forEver(): Promise<never> {
  return new Promise(() => {});
}

function bound(store: ObjectStore): ObjectStore {
  return {
    head: (...given) => store.head(...given),
    get: (...given) => store.get(...given),
    list: (...given) => store.list(...given),
    put: (...given) => store.put(...given),
    putStream: (...given) => store.putStream(...given),
    openUpload: (...given) => store.openUpload(...given),
    copy: (...given) => store.copy(...given),
    remove: (...given) => store.remove(...given),
  };
}
