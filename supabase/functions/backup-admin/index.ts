// What the admin page asks for: verify a recovery point, cancel a run, a download link, label and pin, the overview.
import { composeAdmin } from "../_shared/compose/admin.ts";
import { composeVerify, edgeVerify } from "../_shared/compose/verify.ts";
import { createEdgeHost } from "../_shared/edge/host.ts";
import { runVerify } from "../_shared/engine/admin/run_verify.ts";
import { createAdminHandler } from "../_shared/http/admin_endpoint.ts";

const host = createEdgeHost(Deno.env.toObject());

export default {
  fetch: createAdminHandler({
    access: host.access,
    dependencies: () => composeAdmin(host.composition()),
    completeVerify({ coverage = "sample", samplePercent }, run, shutDown) {
      const share = { coverage, ...samplePercent && { samplePercent } };
      return runVerify(composeVerify(host.composition()), edgeVerify, share, run, shutDown);
    },
  }),
};
