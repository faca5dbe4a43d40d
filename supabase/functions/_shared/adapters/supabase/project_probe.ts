import type { Probe } from "../../engine/doctor/mod.ts";
import { LifeboatError } from "../../engine/errors.ts";

/** A cold start of a function takes seconds. */
const TIMEOUT_MS = 30_000;

/** Asks the project's API. `secretKey` is sent to this project only. */
export function createProjectProbe(supabaseUrl: string, secretKey: string): Probe {
  return async (path, { method, withKey }, signal) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetch(`${supabaseUrl}${path}`, {
        method,
        redirect: "error",
        headers: {
          ...withKey && { apikey: secretKey },
          // Storage reads legacy keys, which are JWTs, from this header.
          ...withKey && secretKey.startsWith("ey") && { authorization: `Bearer ${secretKey}` },
          ...method === "POST" && { "content-type": "application/json" },
        },
        ...method === "POST" && { body: "{}" },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      await answer.body?.cancel();
      return answer.status;
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw new LifeboatError({
        code: "project_unreachable",
        kind: "transient",
        message: `The project's API did not answer at ${path}.`,
        hint: "Check SUPABASE_URL, that the project is not paused, and this machine's network.",
        operation: "doctor.probe",
        subject: path,
        cause,
      });
    }
  };
}
