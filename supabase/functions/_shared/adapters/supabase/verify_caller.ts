import type { VerifyStepStarter } from "../../engine/verify/verify_chain.ts";
import type { FunctionCallerSettings } from "./function_caller.ts";
import { callForStep } from "./step_caller.ts";

/** Calls `backup-admin` from one of its own invocations, or from maintenance, to go on with a verify. */
export function createVerifyCaller(settings: FunctionCallerSettings): VerifyStepStarter {
  return {
    startVerifyStep: (request, signal) =>
      callForStep(settings, "backup-admin", { action: "continueVerify", ...request }, signal),
  };
}
