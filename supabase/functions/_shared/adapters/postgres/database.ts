import pg from "pg";
import type { Database, Session, SessionOptions } from "../../engine/database.ts";
import { PostgresCopyOut } from "./copy_out.ts";
import { asDatabaseError } from "./errors.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`, a direct connection. Never logged. */
  readonly url: string;
  /** Longest silence while connecting or copying, in milliseconds. Default 60,000. */
  readonly stallTimeoutMs?: number;
  /** Longest wait for the answer to one statement, in milliseconds. Default 600,000. */
  readonly queryTimeoutMs?: number;
}

/** Types whose values stay text, because JavaScript's Date loses microseconds, infinity and years before Christ. */
const DATE_TYPES: ReadonlySet<number> = new Set([1082, 1114, 1184, 1182, 1115, 1185]);
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    DATE_TYPES.has(oid) ? (text: string) => text : pg.types.getTypeParser(oid, format as "text"),
};

/** Opens sessions with the package `pg`. */
export function createPostgresDatabase(settings: PostgresSettings): Database {
  const stallTimeoutMs = settings.stallTimeoutMs ?? 60_000;
  const queryTimeoutMs = settings.queryTimeoutMs ?? 600_000;
  return { connect: (options, signal) => connect(settings.url, stallTimeoutMs, queryTimeoutMs, options, signal) };
}

async function connect(
  url: string,
  stallTimeoutMs: number,
  queryTimeoutMs: number,
  options: SessionOptions,
  signal?: AbortSignal,
): Promise<Session> {
  signal?.throwIfAborted();
  let client: pg.Client;
  try {
    client = new pg.Client({
      connectionString: url,
      application_name: options.applicationName,
      connectionTimeoutMillis: stallTimeoutMs,
      keepAlive: true,
      types: types as unknown as pg.CustomTypesConfig,
    });
    // A connection that dies while idle emits `error`, which would end the process if nobody listened. The next
    // statement reports the failure.
    client.on("error", () => {});
    await client.connect();
    // Without this, dumps would begin to fail once a project has grown, because Supabase ends statements after two
    // minutes (https://supabase.com/docs/guides/database/postgres/timeouts).
    await client.query("set statement_timeout = 0");
  } catch (error) {
    throw asDatabaseError(error, "database.connect", true);
  }
  const { stream } = (client as unknown as { connection: { stream: import("node:net").Socket } }).connection;
  // Under TLS on Deno 2.1.4 a lost connection closes the socket without pg's `end`, and statements wait for ever.
  stream.once(
    "close",
    () => (client as unknown as { connection: { emit(name: string): void } }).connection.emit("end"),
  );
  return new PostgresSession(client, stream, stallTimeoutMs, queryTimeoutMs);
}

class PostgresSession implements Session {
  readonly #client: pg.Client;
  readonly #stream: import("node:net").Socket;
  readonly #stallTimeoutMs: number;
  readonly #queryTimeoutMs: number;
  #closed: Promise<void> | undefined;

  constructor(client: pg.Client, stream: import("node:net").Socket, stallTimeoutMs: number, queryTimeoutMs: number) {
    this.#client = client;
    this.#stream = stream;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#queryTimeoutMs = queryTimeoutMs;
  }

  async query<Row>(text: string, params?: readonly unknown[], signal?: AbortSignal): Promise<Row[]> {
    return await this.#abortable("database.query", signal, async () => {
      const result: pg.QueryResult | pg.QueryResult[] = await this.#client.query(
        text,
        params ? [...params] : undefined,
      );
      return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
    });
  }

  async *copyOut(text: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    const destroy = () => this.#stream.destroy();
    signal?.addEventListener("abort", destroy, { once: true });
    let whole = false;
    try {
      const copy = new PostgresCopyOut(text, this.#stallTimeoutMs);
      this.#client.query(copy as unknown as pg.Submittable);
      yield* copy;
      whole = true;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const failure = asDatabaseError(error, "database.copy");
      // When the server itself reports the error, the copy has ended in order, and the session can still be used.
      whole = failure.subject !== undefined;
      throw failure;
    } finally {
      signal?.removeEventListener("abort", destroy);
      if (!whole) destroy();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** Waits 2 s for the server's goodbye and then destroys the socket, so that a silent server cannot delay the run. */
  async #end(): Promise<void> {
    const timer = setTimeout(() => this.#stream.destroy(), 2_000);
    try {
      await this.#client.end();
    } catch {
      // The connection was lost before, so nothing is left to close.
    } finally {
      clearTimeout(timer);
      this.#stream.destroy();
    }
  }

  /**
   * Runs work that can be aborted. Aborting ends the connection, since a cancel request could hit the next statement.
   */
  async #abortable<Result>(operation: string, signal: AbortSignal | undefined, work: () => Promise<Result>) {
    signal?.throwIfAborted();
    const destroy = () => this.#stream.destroy();
    signal?.addEventListener("abort", destroy, { once: true });
    // pg's own query_timeout is not used: its timer outlives a query object such as a copy, and then fails it.
    const timer = setTimeout(destroy, this.#queryTimeoutMs);
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw asDatabaseError(error, operation);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", destroy);
    }
  }
}
