import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/**
 * What a hosted worker may take, above a worker whose function imports nothing
 * (https://supabase.com/docs/guides/functions/limits). Whatever reaches a limit is killed.
 */
export interface FunctionLimits {
  /** Of all memory the process holds (RSS), and of V8's heap. */
  readonly memoryMb: number;
  /** User and system time of all its threads, added up over its requests. From here on it gets no new ones. */
  readonly cpuSoftMs: number;
  readonly cpuHardMs: number;
  /** It gets no new requests from half of it. */
  readonly wallClockMs: number;
  /** Who has waited so long for the head of an answer gets 504, while the worker works on. */
  readonly answerMs: number;
}

const FREE: FunctionLimits = {
  memoryMb: 256,
  cpuSoftMs: 1000,
  cpuHardMs: 2000,
  wallClockMs: 150_000,
  answerMs: 150_000,
};

/** What LIFEBOAT_LIMITS may say; null: nothing is limited, only measured. */
const PLANS: Readonly<Record<string, FunctionLimits | null>> = {
  free: FREE,
  paid: { ...FREE, wallClockMs: 400_000 },
  off: null,
};

/** Given limits stand for the free plan's; without any, LIFEBOAT_LIMITS decides. Null: none. Throws `limits_unknown`. */
export function functionLimits(given?: Partial<FunctionLimits> | null): FunctionLimits | null {
  if (given === undefined) return limitsFromEnvironment();
  return given && { ...FREE, ...given };
}

/** The limits of the plan named in LIFEBOAT_LIMITS; of the free plan if it says nothing. Throws `limits_unknown`. */
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

/** For the log: what every worker gets. */
export function describeLimits(limits: FunctionLimits | null): string {
  if (limits === null) return "workers are not limited, only measured";
  const { memoryMb, cpuSoftMs, cpuHardMs, wallClockMs } = limits;
  const seconds = (ms: number) => `${ms / 1000} s`;
  return `a worker gets ${seconds(cpuHardMs)} of CPU (no new requests from ${
    seconds(cpuSoftMs)
  }), ${memoryMb} MB and ` +
    `${seconds(wallClockMs)} (no new requests from ${seconds(wallClockMs / 2)})`;
}
