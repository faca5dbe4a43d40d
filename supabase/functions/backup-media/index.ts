// Streams every Storage object into S3, writes the point's media manifest and the inventory of files in Cloudflare R2.
import { createEdgeHost } from "../_shared/edge/host.ts";
import { createMediaBackup } from "../_shared/edge/media_backup.ts";
import { createBackupHandler } from "../_shared/http/backup_endpoint.ts";

export default {
  fetch: createBackupHandler(createMediaBackup(createEdgeHost(Deno.env.toObject()))),
};
