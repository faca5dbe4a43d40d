import { composeAccess } from "../compose/access.ts";
import { compose, type Composition } from "../compose/compose.ts";
import { composeDatabase } from "../compose/database.ts";
import { EDGE_LIMITS } from "../compose/limits.ts";
import { composeNotifier } from "../compose/notifier.ts";
import {
  type Environment,
  readAccessConfiguration,
  readConfiguration,
  readNotificationConfiguration,
} from "../config/mod.ts";
import type { DatabaseBackupRequest, MediaBackupRequest, RunTrigger } from "../contract/mod.ts";
import { systemClock } from "../engine/clock.ts";
import { asLifeboatError, hasCode, type LifeboatError } from "../engine/errors.ts";
import { settlePoint } from "../engine/maintenance/settle_point.ts";
import type { RunRequest } from "../engine/run/run.ts";
import { executeRun, type LeasedRun, type RunDependencies } from "../engine/run/run_store.ts";
import type { Caller } from "../http/authenticate.ts";
import type { Access } from "../http/handler.ts";

/** What every edge function is built on: the environment, read once, and the composition built from it. */
export interface EdgeHost {
  /** Throws `configuration_invalid` when not even callers can be told apart. */
  access(): Access;
  /** Throws `configuration_invalid` naming every problem. */
  composition(): Composition;
  /** Has `start` take the lease for a run. An error that keeps a scheduled run from being recorded is reported by email and ping. */
  begin(
    body: DatabaseBackupRequest | MediaBackupRequest,
    caller: Caller,
    trigger: RunTrigger,
    start: (dependencies: RunDependencies, request: Omit<RunRequest, "kind">) => Promise<LeasedRun>,
  ): Promise<LeasedRun>;
}

export function createEdgeHost(environment: Environment): EdgeHost {
  const access = once(() => composeAccess(readAccessConfiguration(environment), tryRead(environment)));
  const composition = once(() => compose(readConfiguration(environment), environment, EDGE_LIMITS));
  return {
    access,
    composition,
    async begin(body, caller, trigger, start) {
      const accessConfiguration = readAccessConfiguration(environment);
      const notification = readNotificationConfiguration(environment, accessConfiguration);
      const notifier = composeNotifier(notification);
      const dependencies = { database: composeDatabase(accessConfiguration), clock: systemClock };
      let run: LeasedRun;
      try {
        run = await start(dependencies, {
          project: notification.project,
          trigger,
          ...caller.kind === "admin" && { triggeredBy: caller.userId },
          ...body.label && { label: body.label },
          ...body.pinned && { pinned: body.pinned },
          ...caller.kind === "service" && "point" in body && body.point && { recoveryPoint: body.point },
        });
      } catch (error) {
        if (trigger === "cron" && !hasCode(error, "already_running", "media_queued")) {
          await notifier.notifyNotStarted(asLifeboatError(error, "run.start"));
        }
        throw error;
      }
      try {
        composition();
        return run;
      } catch (error) {
        // A mistake in the configuration has to show in the history and the mail, not only in cron's unread answer.
        await executeRun(run, () => Promise.reject(error));
        const point = { project: run.project, recoveryPoint: run.recoveryPoint };
        await settlePoint({ database: dependencies.database, notifier }, point);
        throw error;
      }
    },
  };
}

/** Built at the first request that needs it. A failure is not kept: the next request reads the environment again. */
function once<Value>(build: () => Value): () => Value {
  let built: { readonly value: Value } | undefined;
  return () => (built ??= { value: build() }).value;
}

/** Secrets beyond the platform's are hidden in answers as soon as they can be read. */
function tryRead(environment: Environment) {
  try {
    return readConfiguration(environment);
  } catch (error) {
    if (hasCode(error, "configuration_invalid")) return undefined;
    throw error as LifeboatError;
  }
}
