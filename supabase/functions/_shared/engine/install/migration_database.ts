import type { Session } from "../database.ts";

/** A message of the server that is not part of an answer. */
export interface Notice {
  readonly message: string;
  readonly hint?: string;
}

/** One connection for one installation. Queries fail like those of `Session`. */
export interface MigrationSession extends Pick<Session, "query" | "close"> {
  /** The notices since the last call. */
  takeNotices(): readonly Notice[];
}

export interface MigrationDatabase {
  /** Throws `database_unreachable` and `database_refused`. The caller closes the session. */
  connect(signal?: AbortSignal): Promise<MigrationSession>;
}
