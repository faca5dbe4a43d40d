import type { DumpStepStarter } from "../../engine/dump/chain_host.ts";
import type { DumpStarter } from "../../engine/maintenance/restart_dump.ts";
import type { FunctionCallerSettings } from "./function_caller.ts";
import { callForStep } from "./step_caller.ts";

/** Calls `database-backup` from one of its own invocations, or from maintenance. */
export function createDumpCaller(settings: FunctionCallerSettings): DumpStepStarter & DumpStarter {
  return {
    startDumpStep: (request, signal) => callForStep(settings, "database-backup", { continue: request }, signal),
    startDump: ({ trigger, label, pinned }, signal) => {
      const body = { trigger, ...label !== null && { label }, ...pinned && { pinned } };
      return callForStep(settings, "database-backup", body, signal);
    },
  };
}
