import { compose, composeAccess, composeDatabase, type Composition, edgeLimits } from "./compose.ts";
import { type Environment, readAccessConfiguration, readConfiguration } from "./config.ts";
import type { DatabaseBackupRequest, MediaBackupRequest, RunKind, RunTrigger } from "./contract/mod.ts";
import { systemClock } from "./engine/clock.ts";
import { asLifeboatError, hasCode, type LifeboatError } from "./engine/errors.ts";
import { type LeasedRun, startRun } from "./engine/run/run_store.ts";
import type { Caller } from "./http/authenticate.ts";
import type { Access } from "./http/handler.ts";

/** What every edge function stands on: the environment read once, and the composition built from it. */
export interface EdgeHost {
  /** Throws `configuration_invalid` when not even callers can be told apart. */
  access(): Access;
  /** Throws `configuration_invalid` naming every problem. */
  composition(): Composition;
  /** Takes the lease for a run. What keeps a scheduled run from being recorded at all is told by email and ping. */
  begin(
    kind: Extract<RunKind, "database" | "media">,
    body: DatabaseBackupRequest | MediaBackupRequest,
    caller: Caller,
    trigger: RunTrigger,
  ): Promise<LeasedRun>;
}

export function createEdgeHost(environment: Environment): EdgeHost {
  const access = once(() => composeAccess(readAccessConfiguration(environment), tryRead(environment)));
  const composition = once(() => compose(readConfiguration(environment), environment, edgeLimits));
  return {
    access,
    composition,
    async begin(kind, body, caller, trigger) {
      const { configuration, notifier } = composition();
      try {
        return await startRun({ database: composeDatabase(configuration.access), clock: systemClock }, {
          kind,
          project: configuration.project,
          trigger,
          ...caller.kind === "admin" && { triggeredBy: caller.userId },
          ...body.label && { label: body.label },
          ...body.pinned && { pinned: body.pinned },
          ...caller.kind === "service" && "point" in body && body.point && { recoveryPoint: body.point },
        });
      } catch (error) {
        if (trigger === "cron" && !hasCode(error, "already_running")) {
          await notifier.notifyNotStarted(asLifeboatError(error, "run.start"));
        }
        throw error;
      }
    },
  };
}

/** Built at the first request that needs it. A failure is not kept: the next request reads anew and says the same. */
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
