// Dumps every table and the schema into one JSON document in S3, records the run, then starts backup-media.
import { databaseBackupRequest } from "../_shared/contract/mod.ts";
import { createEdgeHost } from "../_shared/edge_host.ts";
import { runDatabaseHalf } from "../_shared/engine/backup/database_half.ts";
import { createBackupHandler } from "../_shared/http/backup_endpoint.ts";

const host = createEdgeHost(Deno.env.toObject());

export default {
  fetch: createBackupHandler({
    body: databaseBackupRequest,
    access: host.access,
    begin: (body, caller, trigger) => host.begin("database", body, caller, trigger),
    complete(run, shutDown) {
      const { dependencies, settings } = host.composition().databaseHalf;
      return runDatabaseHalf(dependencies, settings, run, shutDown);
    },
  }),
};
