// Woken by cron every ten minutes: closes dead runs, starts owed media runs, has a verify go on, settles recovery points, sends what is owed.
import { composeChain } from "../_shared/compose/chain.ts";
import { composeVerifyHost } from "../_shared/compose/verify.ts";
import { databaseBackupRequest } from "../_shared/contract/mod.ts";
import { createEdgeHost } from "../_shared/edge/host.ts";
import { maintain } from "../_shared/engine/maintenance/maintain.ts";
import { runInBackground, waitAtMost } from "../_shared/http/background.ts";
import { createHandler } from "../_shared/http/handler.ts";
import { workerEnding } from "../_shared/http/worker_ending.ts";

const host = createEdgeHost(Deno.env.toObject());

export default {
  fetch: createHandler({
    methods: ["POST"],
    body: databaseBackupRequest.pick({ trigger: true }),
    access: host.access,
    async handle() {
      const composition = host.composition();
      const ending = workerEnding();
      const verifyStarter = composeVerifyHost(composition, ending).starter;
      const work = maintain({ ...composeChain(composition), verifyStarter }, ending);
      // pg_net hangs up after 30 s; what was begun is finished all the same.
      runInBackground(
        work,
        (error) => console.error(host.access().redact(`maintenance: ${error}`)),
      );
      const waited = await waitAtMost(work);
      return waited.settled ? Response.json(waited.value) : Response.json({ status: "running" }, { status: 202 });
    },
  }),
};
