import type { Limit } from "./worker_limits.ts";

/** Why a worker has ended. `exited`: by itself; `stopped`: with the stack. */
export type WorkerEnd = Limit | "early_drop" | "exited" | "stopped";

/** One worker, measured from outside. Times are in ms since its start, figures are above those of a bare worker. */
export interface WorkerRecord {
  readonly functionName: string;
  readonly pid: number;
  readonly startedAt: string;
  /** CPU of loading the function, measured when it was ready; null before. */
  readonly startCpuMs: number | null;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly wallMs: number;
  /** Why the worker gets no more requests; null while it gets them. */
  readonly retired: Limit | "sources" | "unreachable" | null;
  /** Null while the worker lives. */
  readonly ended: WorkerEnd | null;
  readonly invocations: readonly InvocationRecord[];
}

/** Lasts from a request's arrival until its answer is sent and none of its `waitUntil` promises is pending. */
export interface InvocationRecord {
  readonly path: string;
  readonly arrivedMs: number;
  /** Null while there is no answer. */
  readonly status: number | null;
  readonly wallMs: number;
  /** CPU of the worker while this was the newest active invocation. The first one includes the start. */
  readonly cpuMs: number;
}

/** Whether a limit ended the worker, or it ended by itself. */
export function wasKilled({ ended }: WorkerRecord): boolean {
  return ended !== null && ended !== "early_drop" && ended !== "stopped";
}

/** "CPU 0.42 s (start 0.11 s), peak 71 MB, 12.3 s, 2 invocations" */
export function describeWorker(record: WorkerRecord): string {
  const start = record.startCpuMs === null ? "" : ` (start ${(record.startCpuMs / 1000).toFixed(2)} s)`;
  const count = record.invocations.length;
  return `CPU ${(record.cpuMs / 1000).toFixed(2)} s${start}, peak ${
    Math.round(record.peakBytes / 1e6)
  } MB above a bare ` +
    `worker, ${(record.wallMs / 1000).toFixed(1)} s, ${count} invocation${count === 1 ? "" : "s"}`;
}
