import { type AdminRequest, adminRequest, type BackupHistoryRow } from "../contract/mod.ts";
import { cancelRun, readOverview, updateRun } from "../engine/admin/admin_actions.ts";
import type { AdminDependencies } from "../engine/admin/admin_dependencies.ts";
import type { Actor } from "../engine/admin/audit_log.ts";
import { downloadLink } from "../engine/admin/download_link.ts";
import { startVerify } from "../engine/admin/start_verify.ts";
import type { LeasedRun } from "../engine/run/run_store.ts";
import type { Caller } from "./authenticate.ts";
import { type BegunRun, notForAdmins, respondToRun } from "./backup_endpoint.ts";
import { type Access, createHandler } from "./handler.ts";
import { workerEnding } from "./worker_ending.ts";

type VerifyRequest = Extract<AdminRequest, { action: "verify" }>;
type VerifyStepRequest = Extract<AdminRequest, { action: "continueVerify" }>;

export interface AdminEndpoint {
  access(): Access;
  /** Throws `configuration_invalid`. */
  dependencies(): AdminDependencies;
  /** Verifies the point and settles the run's row, unless another invocation goes on with it. */
  completeVerify(request: VerifyRequest, run: LeasedRun, shutDown: AbortSignal): Promise<BackupHistoryRow | undefined>;
  /** Takes the next step of a verify; throws `step_taken`. */
  continueVerify(request: VerifyStepRequest): Promise<BegunRun>;
}

/** Answers `POST` with one action (`contract/admin.ts`) from admins and the service. */
export function createAdminHandler(endpoint: AdminEndpoint): (request: Request) => Promise<Response> {
  return createHandler<AdminRequest>({
    methods: ["POST"],
    body: adminRequest,
    access: endpoint.access,
    handle: ({ body, caller, request }) => answer(endpoint, body, caller, request.signal),
  });
}

async function answer(
  endpoint: AdminEndpoint,
  request: AdminRequest,
  caller: Caller,
  signal: AbortSignal,
): Promise<Response> {
  const dependencies = endpoint.dependencies();
  const actor: Actor = caller.kind === "admin" ? caller.userId : null;
  switch (request.action) {
    case "verify": {
      const trigger = caller.kind === "admin" ? "manual" : request.trigger ?? "api";
      const run = await startVerify(dependencies, { runId: request.runId, trigger, actor });
      const work = endpoint.completeVerify(request, run, workerEnding());
      return await respondToRun(run, work, request.wait === true, endpoint.access().redact);
    }
    case "continueVerify": {
      if (caller.kind !== "service") throw notForAdmins("goes on with a verify");
      const { run, complete } = await endpoint.continueVerify(request);
      return await respondToRun(run, complete(workerEnding()), false, endpoint.access().redact);
    }
    case "cancel":
      return Response.json(await cancelRun(dependencies, request.runId, actor, signal));
    case "download":
      return Response.json(await downloadLink(dependencies, request, actor, signal));
    case "update":
      return Response.json(await updateRun(dependencies, request, actor, signal));
    case "overview":
      return Response.json(await readOverview(dependencies, signal));
  }
}
