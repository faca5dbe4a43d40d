import type { Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import type { RestorePlan } from "./plan.ts";

/**
 * The state of a restore lies in the target itself. So a step and its mark are one transaction, and no step is done
 * twice, wherever the restore is cut off.
 */
const SCHEMA_SQL = `
create schema if not exists lifeboat_restore;
create table if not exists lifeboat_restore.restores (
  id text primary key,
  request_key text not null,
  plan jsonb not null,
  started_at timestamptz not null default pg_catalog.now(),
  finished_at timestamptz,
  armed_at timestamptz,
  report jsonb
);
create table if not exists lifeboat_restore.steps (
  restore text not null references lifeboat_restore.restores on delete cascade,
  step text not null,
  done_at timestamptz not null default pg_catalog.clock_timestamp(),
  result jsonb,
  primary key (restore, step)
);
revoke all on schema lifeboat_restore from public;
revoke all on all tables in schema lifeboat_restore from public;`;

export interface RememberedRestore {
  readonly id: string;
  readonly plan: RestorePlan;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly armedAt: string | null;
  readonly stepsDone: number;
}

/** Restores recorded in the target, the newest first. Writes nothing. */
export async function readRestores(session: Session, signal?: AbortSignal): Promise<RememberedRestore[]> {
  const [{ known }] = await session.query<{ known: boolean }>(
    "select pg_catalog.to_regclass('lifeboat_restore.steps') is not null as known",
    undefined,
    signal,
  );
  if (!known) return [];
  return await session.query<RememberedRestore>(
    `select r.id, r.plan, r.started_at::text as "startedAt", r.finished_at::text as "finishedAt",
       r.armed_at::text as "armedAt",
       (select pg_catalog.count(*)::int4 from lifeboat_restore.steps s where s.restore = r.id) as "stepsDone"
     from lifeboat_restore.restores r order by r.started_at desc`,
    undefined,
    signal,
  );
}

/** The steps of one restore: which are done, and a way to do more. */
export class RestoreSteps {
  readonly #session: Session;
  readonly #id: string;
  readonly #done: Map<string, unknown>;

  private constructor(session: Session, id: string, done: Map<string, unknown>) {
    this.#session = session;
    this.#id = id;
    this.#done = done;
  }

  /** Makes the state where there is none and records the plan, or finds which of its steps were done before. */
  static async open(session: Session, plan: RestorePlan, signal?: AbortSignal): Promise<RestoreSteps> {
    await session.query(`begin; ${SCHEMA_SQL} commit`, undefined, signal);
    await session.query(
      `insert into lifeboat_restore.restores (id, request_key, plan) values ($1, $2, $3::jsonb) on conflict do nothing`,
      [plan.id, plan.requestKey, JSON.stringify(plan)],
      signal,
    );
    return await RestoreSteps.find(session, plan.id, signal);
  }

  static async find(session: Session, id: string, signal?: AbortSignal): Promise<RestoreSteps> {
    const rows = await session.query<{ step: string; result: unknown }>(
      "select step, result from lifeboat_restore.steps where restore = $1",
      [id],
      signal,
    );
    return new RestoreSteps(session, id, new Map(rows.map(({ step, result }) => [step, result])));
  }

  /** The same steps for another session. A step that one session marks counts as done for all. */
  on(session: Session): RestoreSteps {
    return new RestoreSteps(session, this.#id, this.#done);
  }

  keys(): IterableIterator<string> {
    return this.#done.keys();
  }

  has(step: string): boolean {
    return this.#done.has(step);
  }

  results(): unknown[] {
    return [...this.#done.values()].filter((result) => result !== null);
  }

  /** Does a step unless it was done before: `work` and the mark commit together or not at all. */
  async run(step: string, work: () => Promise<unknown>, signal?: AbortSignal): Promise<void> {
    if (this.#done.has(step)) return;
    await this.#session.query("begin", undefined, signal);
    let result: unknown;
    try {
      result = await work() ?? null;
      await this.#session.query(
        "insert into lifeboat_restore.steps (restore, step, result) values ($1, $2, $3::jsonb)",
        [this.#id, step, result === null ? null : JSON.stringify(result)],
        signal,
      );
      await this.#session.query("commit", undefined, signal);
    } catch (error) {
      await this.#rollback(error);
      throw error;
    }
    this.#done.set(step, result);
  }

  async finish(report: unknown, signal?: AbortSignal): Promise<void> {
    await this.#session.query(
      "update lifeboat_restore.restores set finished_at = pg_catalog.now(), report = $2::jsonb where id = $1",
      [this.#id, JSON.stringify(report)],
      signal,
    );
  }

  async armed(signal?: AbortSignal): Promise<void> {
    await this.#session.query(
      "update lifeboat_restore.restores set armed_at = pg_catalog.now() where id = $1",
      [this.#id],
      signal,
    );
  }

  /** A lost connection has rolled back by itself, and the first error is the one to report. */
  async #rollback(error: unknown): Promise<void> {
    if (hasCode(error, "database_connection_lost")) return;
    await this.#session.query("rollback").catch(() => undefined);
  }
}

const LOCK = "pg_catalog.hashtextextended('lifeboat restore', 0)";
const LOADER_LOCK = "pg_catalog.hashtextextended('lifeboat restore loader', 0)";

/**
 * Lets only one restore at a time into a target. The session holds the lock and frees it however it ends. Loaders of a
 * restore that died may work a little longer, and block the next one as well. Throws `restore_running`.
 */
export async function lockTarget(session: Session, signal?: AbortSignal): Promise<void> {
  const [{ locked }] = await session.query<{ locked: boolean }>(
    `select case when pg_catalog.pg_try_advisory_lock(${LOCK}) and pg_catalog.pg_try_advisory_lock(${LOADER_LOCK})
       then pg_catalog.pg_advisory_unlock(${LOADER_LOCK}) else false end as locked`,
    undefined,
    signal,
  );
  if (locked) return;
  throw new LifeboatError({
    code: "restore_running",
    kind: "conflict",
    message: "Another restore is at work on this database.",
    hint: "Wait for it to end. If it was cut off, its connection ends after a while and the lock with it.",
    operation: "restore.apply",
  });
}

/** Marks a session as a loader of a restore whose lock another session holds. */
export async function joinRestore(session: Session, signal?: AbortSignal): Promise<void> {
  await session.query(`select pg_catalog.pg_advisory_lock_shared(${LOADER_LOCK})`, undefined, signal);
}
