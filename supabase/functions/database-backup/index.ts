// Dumps every table and the schema into one JSON document in S3, records the run, then starts backup-media.
import { createDatabaseBackup } from "../_shared/edge/database_backup.ts";
import { createEdgeHost } from "../_shared/edge/host.ts";
import { createBackupHandler } from "../_shared/http/backup_endpoint.ts";

export default {
  fetch: createBackupHandler(createDatabaseBackup(createEdgeHost(Deno.env.toObject()))),
};
