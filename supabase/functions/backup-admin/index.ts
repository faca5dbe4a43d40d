// What the admin page asks for: verify a recovery point, cancel a run, a download link, label and pin, the overview.
import { composeAdmin } from "../_shared/compose/admin.ts";
import { composeVerify, composeVerifyHost, EDGE_VERIFY } from "../_shared/compose/verify.ts";
import { createEdgeHost } from "../_shared/edge/host.ts";
import { beginVerifyRun, continueVerifyRun } from "../_shared/engine/admin/run_verify.ts";
import { claimVerifyStep } from "../_shared/engine/verify/verify_chain.ts";
import { createAdminHandler } from "../_shared/http/admin_endpoint.ts";

const host = createEdgeHost(Deno.env.toObject());

export default {
  fetch: createAdminHandler({
    access: host.access,
    dependencies: () => composeAdmin(host.composition()),
    completeVerify({ coverage = "sample", samplePercent }, run, shutDown) {
      const composition = host.composition();
      const share = { coverage, ...samplePercent && { samplePercent } };
      return beginVerifyRun(
        composeVerify(composition),
        EDGE_VERIFY,
        share,
        run,
        composeVerifyHost(composition, shutDown),
      );
    },
    async continueVerify({ runId, epoch }) {
      const composition = host.composition();
      const dependencies = composeVerify(composition);
      const claimed = await claimVerifyStep(dependencies, { runId, epoch });
      return {
        run: claimed.run,
        complete: (shutDown) =>
          continueVerifyRun(dependencies, EDGE_VERIFY, claimed, composeVerifyHost(composition, shutDown)),
      };
    },
  }),
};
