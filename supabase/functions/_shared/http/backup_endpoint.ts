import type { z } from "zod";
import type { BackupHistoryRow, DatabaseBackupRequest, RunAccepted, RunTrigger } from "../contract/mod.ts";
import { LifeboatError } from "../engine/errors.ts";
import { type LeasedRun, settledByOthers } from "../engine/run/run_store.ts";
import type { Caller } from "./authenticate.ts";
import { LONGEST_WAIT_MS, runInBackground, waitAtMost } from "./background.ts";
import { type Access, createHandler } from "./handler.ts";
import { workerEnding } from "./worker_ending.ts";

/** What one of the two backup functions consists of. */
export interface BackupEndpoint<Body extends DatabaseBackupRequest> {
  readonly body: z.ZodType<Body>;
  access(): Access;
  /** Takes the lease; throws `already_running` with the id of the run at work. */
  begin(body: Body, caller: Caller, trigger: RunTrigger): Promise<BegunRun>;
}

/** A run whose lease is taken, and the work that is to be done for it. */
export interface BegunRun {
  readonly run: LeasedRun;
  /**
   * Does the work and settles the row; resolves with nothing when another invocation goes on with it. To be called once.
   * `shutDown` announces the end of the worker.
   */
  complete(shutDown: AbortSignal): Promise<BackupHistoryRow | undefined>;
}

/**
 * Answers `POST` with 202 and the run's id once the lease is taken, and works on in the background, since pg_net hangs
 * up after seconds. With `{"wait": true}` the answer is 200 when the run has settled, whoever went on with it, or 202 after
 * 100 s.
 */
export function createBackupHandler<Body extends DatabaseBackupRequest>(
  endpoint: BackupEndpoint<Body>,
): (request: Request) => Promise<Response> {
  return createHandler<Body>({
    methods: ["POST"],
    body: endpoint.body,
    access: endpoint.access,
    async handle({ body, caller }) {
      const { run, complete } = await endpoint.begin(body, caller, triggerOf(body, caller));
      const work = complete(workerEnding());
      return await respondToRun(run, work, body.wait === true, endpoint.access().redact);
    },
  });
}

/** Answers the caller that started a run: 202 at once, or 200 when it waited and the run has settled. */
export async function respondToRun(
  run: LeasedRun,
  work: Promise<BackupHistoryRow | undefined>,
  wait: boolean,
  redact: Access["redact"],
): Promise<Response> {
  runInBackground(work, (error) => console.error(redact(`run ${run.id}: ${error}`)));
  const waited = wait ? await waitAtMost(work.then((row) => row ?? settledByOthers(run, LONGEST_WAIT_MS))) : undefined;
  return waited?.settled && waited.value
    ? Response.json(accepted(run, waited.value), { status: 200 })
    : Response.json(accepted(run), { status: 202 });
}

/** What an invocation asks of another one only. `what` ends the sentence "Only the function itself …". */
export function notForAdmins(what: string): LifeboatError {
  return new LifeboatError({
    code: "bad_request",
    kind: "permanent",
    message: `Only the function itself ${what}.`,
    hint: "Begin a new run instead.",
    operation: "http.step",
  });
}

/** A run that an admin starts is `manual`, whatever the body says. */
function triggerOf(body: DatabaseBackupRequest, caller: Caller): RunTrigger {
  return caller.kind === "admin" ? "manual" : body.trigger ?? "api";
}

function accepted(run: LeasedRun, row?: BackupHistoryRow): RunAccepted {
  return {
    runId: run.id,
    recoveryPoint: run.recoveryPoint,
    status: row?.status ?? "running",
    ...row && { errorCode: row.error_code, errorMessage: row.error_message },
  };
}
