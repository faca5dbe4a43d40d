import type { FunctionLimits } from "./function_limits.ts";

/** Resources that a worker has taken beyond those of a bare one. */
export interface Taken {
  readonly cpuMs: number;
  /** Largest memory so far, also if it was freed before a measurement. */
  readonly peakBytes: number;
  readonly wallMs: number;
}

export type Limit = "cpu" | "memory" | "wall_clock";

/** An action that a worker's resources require. */
export interface LimitStep {
  readonly action: "retire" | "warn" | "kill";
  readonly limit: Limit;
  /** "1.03 s of 1 s of CPU" */
  readonly figures: string;
}

/** At this share of a limit the platform dispatches `beforeunload` (edge-runtime 1.74). */
const WARNED_AT = 0.9;

/** All actions that are due, in their order. Memory never retires a worker, but only kills it. */
export function stepsDue(taken: Taken, limits: FunctionLimits): LimitStep[] {
  const { cpuMs, peakBytes, wallMs } = taken;
  const memoryBytes = limits.memoryMb * 1e6;
  const rules = [
    ["retire", "cpu", cpuMs, limits.cpuSoftMs],
    ["retire", "wall_clock", wallMs, limits.wallClockMs / 2],
    ["warn", "cpu", cpuMs, limits.cpuHardMs * WARNED_AT],
    ["warn", "memory", peakBytes, memoryBytes * WARNED_AT],
    ["warn", "wall_clock", wallMs, limits.wallClockMs * WARNED_AT],
    ["kill", "cpu", cpuMs, limits.cpuHardMs],
    ["kill", "memory", peakBytes, memoryBytes],
    ["kill", "wall_clock", wallMs, limits.wallClockMs],
  ] as const;
  return rules.filter(([, , used, threshold]) => used >= threshold)
    .map(([action, limit, used, threshold]) => ({ action, limit, figures: WORDS[limit](used, threshold) }));
}

const seconds = (ms: number) => `${Number((ms / 1000).toFixed(2))} s`;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const WORDS: Readonly<Record<Limit, (used: number, threshold: number) => string>> = {
  cpu: (used, threshold) => `${seconds(used)} of ${seconds(threshold)} of CPU`,
  memory: (used, threshold) => `${megabytes(used)} of ${megabytes(threshold)} of memory above a bare worker`,
  wall_clock: (used, threshold) => `${seconds(used)} of ${seconds(threshold)} of wall clock`,
};
