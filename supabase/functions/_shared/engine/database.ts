/** Opens sessions on the project's database, by direct connections only: snapshots and locks need session state. */
export interface Database {
  /** Throws `database_unreachable` (transient) or `database_refused` (refused). The caller closes the session. */
  connect(options: SessionOptions, signal?: AbortSignal): Promise<Session>;
}

export interface SessionOptions {
  /** Shown in pg_stat_activity, for example `lifeboat dump`. */
  readonly applicationName: string;
}

/**
 * One connection. Statements run one after the other; while a copy is being read no other statement may be started.
 *
 * Failures are LifeboatErrors: `database_connection_lost` (transient) when the connection broke; `database_error` with
 * the SQLSTATE in `subject` for what the server refused, except those given a code of their own: `lock_timeout`
 * (55P03), `statement_timeout` (57014), `permission_denied` (42501, refused), `row_security` (42501 from
 * `row_security = off`).
 */
export interface Session {
  /**
   * Runs one statement. int8 and numeric values arrive as strings, timestamps as strings, json and jsonb parsed.
   * Without `params` the text may hold several statements; the rows of the last are returned.
   */
  query<Row = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<Row[]>;

  /**
   * Runs `COPY … TO STDOUT` and yields its bytes as fast as the reader takes them: the server waits. Each block holds
   * whole CopyData messages and belongs to the reader until it asks for the next. Rejects with
   * `database_connection_lost` when the connection dies or stays silent for too long; a copy never simply ends early.
   */
  copyOut(text: string, signal?: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;

  /** Ends the connection; an open transaction is rolled back. May be repeated. */
  close(): Promise<void>;
}
