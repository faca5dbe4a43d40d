import type { Run } from "../../supabase/functions/_shared/engine/run/run.ts";
import type { RunProgress } from "../../supabase/functions/_shared/contract/mod.ts";

let epoch = 0;

/** A run that nobody cancels and nobody takes over, with an epoch above every earlier one. */
export function plainRun(recoveryPoint: string, changes: Partial<Run> = {}): Run & { progress: RunProgress[] } {
  const progress: RunProgress[] = [];
  return {
    id: crypto.randomUUID(),
    kind: "media",
    project: "sample",
    recoveryPoint,
    startedAt: new Date("2026-11-21T02:17:00Z"),
    epoch: String(++epoch),
    signal: new AbortController().signal,
    report: (step) => void progress.push(step),
    confirm: () => Promise.resolve(),
    remember: () => Promise.resolve(),
    ...changes,
    progress,
  };
}

/** Recovery points in order: `point(1)` is earlier than `point(2)`. */
export function point(day: number): string {
  return `2026-11-${String(day).padStart(2, "0")}T02-17-00Z`;
}
