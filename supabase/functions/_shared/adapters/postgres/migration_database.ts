import pg from "pg";
import type { MigrationDatabase, MigrationSession, Notice } from "../../engine/install/mod.ts";
import { asDatabaseError } from "./errors.ts";

/** A database whose connections also record the server's notices, which are shown to the person who installs. */
export function createMigrationDatabase(url: string): MigrationDatabase {
  return { connect: (signal) => connect(url, signal) };
}

async function connect(url: string, signal?: AbortSignal): Promise<MigrationSession> {
  signal?.throwIfAborted();
  let client: pg.Client;
  let notices: Notice[] = [];
  try {
    client = new pg.Client({
      connectionString: url,
      application_name: "lifeboat install",
      connectionTimeoutMillis: 30_000,
      keepAlive: true,
    });
    client.on("notice", ({ message = "", hint }) => notices.push({ message, ...hint && { hint } }));
    // A connection that dies while idle emits `error`, which would end the process. The next statement reports it.
    client.on("error", () => {});
    await client.connect();
  } catch (error) {
    throw asDatabaseError(error, "database.connect", true);
  }
  const stop = () => (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  let closed: Promise<void> | undefined;
  return {
    async query<Row>(text: string, params?: readonly unknown[]) {
      try {
        const result: pg.QueryResult | pg.QueryResult[] = await client.query(text, params ? [...params] : undefined);
        return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw asDatabaseError(error, "database.query");
      }
    },
    takeNotices() {
      const taken = notices;
      notices = [];
      return taken;
    },
    close() {
      signal?.removeEventListener("abort", stop);
      return closed ??= client.end();
    },
  };
}
