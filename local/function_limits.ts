import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/**
 * What a hosted worker may take beyond a worker whose function imports nothing
 * (https://supabase.com/docs/guides/functions/limits). A worker that reaches a limit is killed.
 */
export interface FunctionLimits {
  /** Limit of the process's memory (RSS), and of V8's heap. */
  readonly memoryMb: number;
  /** User and system time of all threads, added up over requests, after which a worker gets no new requests. */
  readonly cpuSoftMs: number;
  readonly cpuHardMs: number;
  /** After half of this time a worker gets no new requests. */
  readonly wallClockMs: number;
  /** A caller that has waited this long for the head of an answer gets 504, while the worker goes on. */
  readonly answerMs: number;
}

const FREE: FunctionLimits = {
  memoryMb: 256,
  cpuSoftMs: 1000,
  cpuHardMs: 2000,
  wallClockMs: 150_000,
  answerMs: 150_000,
};

/** Values of LIFEBOAT_LIMITS; null measures without limits. */
const PLANS: Readonly<Record<string, FunctionLimits | null>> = {
  free: FREE,
  paid: { ...FREE, wallClockMs: 400_000 },
  off: null,
};

/** Limits of the free plan with `given` in place of its own, else by LIFEBOAT_LIMITS. Throws `limits_unknown`. */
export function functionLimits(given?: Partial<FunctionLimits> | null): FunctionLimits | null {
  if (given === undefined) return limitsFromEnvironment();
  return given && { ...FREE, ...given };
}

/** The limits of the plan in LIFEBOAT_LIMITS, of the free plan if it is not set. Throws `limits_unknown`. */
function limitsFromEnvironment(): FunctionLimits | null {
  const plan = Deno.env.get("LIFEBOAT_LIMITS") || "free";
  const limits = PLANS[plan];
  if (limits !== undefined) return limits;
  throw new LifeboatError({
    code: "limits_unknown",
    kind: "permanent",
    message: `LIFEBOAT_LIMITS is "${plan}", which names no limits.`,
    hint: `Set it to ${Object.keys(PLANS).join(", ")}, or leave it out.`,
    operation: "local.limits",
    subject: plan,
  });
}

/** Describes a worker's limits for the log. */
export function describeLimits(limits: FunctionLimits | null): string {
  if (limits === null) return "workers are not limited, only measured";
  const { memoryMb, cpuSoftMs, cpuHardMs, wallClockMs } = limits;
  const seconds = (ms: number) => `${ms / 1000} s`;
  return `a worker gets ${seconds(cpuHardMs)} of CPU (no new requests from ${
    seconds(cpuSoftMs)
  }), ${memoryMb} MB and ` +
    `${seconds(wallClockMs)} (no new requests from ${seconds(wallClockMs / 2)})`;
}
