import type { DatabaseServer } from "../../engine/drill/scratch_database.ts";
import { createPostgresDatabase } from "./database.ts";

/** The server of a database's URL. Its other databases are opened with the same user and password. */
export function createPostgresServer(url: string): DatabaseServer {
  return {
    home: createPostgresDatabase({ url }),
    database(name) {
      const other = new URL(url);
      other.pathname = `/${encodeURIComponent(name)}`;
      return createPostgresDatabase({ url: other.href });
    },
  };
}
