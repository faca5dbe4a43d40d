// Streams every Storage object into S3, writes the point's media manifest and the inventory of files in Cloudflare R2.
import { mediaBackupRequest } from "../_shared/contract/mod.ts";
import { createEdgeHost } from "../_shared/edge_host.ts";
import { runMediaHalf } from "../_shared/engine/backup/media_half.ts";
import { createBackupHandler } from "../_shared/http/backup_endpoint.ts";

const host = createEdgeHost(Deno.env.toObject());

export default {
  fetch: createBackupHandler({
    body: mediaBackupRequest,
    access: host.access,
    begin: (body, caller, trigger) => host.begin("media", body, caller, trigger),
    complete(run, shutDown) {
      const { dependencies, settings } = host.composition().mediaHalf;
      return runMediaHalf(dependencies, settings, run, shutDown);
    },
  }),
};
