import type { Clock } from "../clock.ts";
import type { Database, Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";

/**
 * The run's own line to the database, apart from the session that holds the dump's snapshot. Statements queue up; a
 * broken connection is opened anew by the next one. Every statement sent over it may be repeated.
 */
export class RunConnection {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #answerMs: number;
  #session: Session | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database, clock: Clock, answerMs: number) {
    this.#database = database;
    this.#clock = clock;
    this.#answerMs = answerMs;
  }

  /**
   * Runs one statement. Throws as `Session.query` does; `database_connection_lost` also when no answer came in time,
   * because a half-open connection never errors.
   */
  query<Row>(text: string, params: readonly unknown[]): Promise<Row[]> {
    const answer = this.#last.then(() => this.#ask<Row>(text, params));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Waits for the statement at work, then closes. May be repeated; a later statement would open it again. */
  async close(): Promise<void> {
    await this.#last;
    await this.#drop();
  }

  async #ask<Row>(text: string, params: readonly unknown[]): Promise<Row[]> {
    const reused = this.#session !== undefined;
    try {
      return await this.#askOnce<Row>(text, params);
    } catch (error) {
      // A connection that died while idle is noticed only by the next statement, which deserves a fresh one.
      if (!reused || !hasCode(error, "database_connection_lost")) throw error;
      return await this.#askOnce<Row>(text, params);
    }
  }

  async #askOnce<Row>(text: string, params: readonly unknown[]): Promise<Row[]> {
    const timeout = new AbortController();
    const timer = new AbortController();
    this.#clock.sleep(this.#answerMs, timer.signal).then(
      () => timeout.abort(noAnswer(this.#answerMs)),
      () => {},
    );
    try {
      this.#session ??= await openUnlessAborted(this.#database, timeout.signal);
      return await this.#session.query<Row>(text, params, timeout.signal);
    } catch (error) {
      // A statement that the server refused leaves the connection usable; after anything else that is unknown.
      if (!hasCode(error, "database_error", "permission_denied", "lock_timeout")) await this.#drop();
      throw error;
    } finally {
      timer.abort();
    }
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}

/** A connect that does not heed the signal must not hold the queue up; what it opens too late is closed. */
async function openUnlessAborted(database: Database, signal: AbortSignal): Promise<Session> {
  const opening = database.connect({ applicationName: "lifeboat run" }, signal);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    opening.then((late) => late.close(), () => {});
    throw error;
  }
}

function noAnswer(answerMs: number): LifeboatError {
  return new LifeboatError({
    code: "database_connection_lost",
    kind: "transient",
    message: `The database did not answer within ${Math.round(answerMs / 1000)} seconds.`,
    hint: "Check that the database is up and not overloaded, then run again.",
    operation: "run.query",
  });
}
