import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { activeRunsQuery } from "./list-active-runs.ts";
import { toastEnded } from "./toast-ended.tsx";

export interface Activity {
  readonly query: UseQueryResult<RunSummary[]>;
  /** Shows a run until it is dismissed, even when it has ended before it was seen running. */
  watch(runId: string): void;
  dismiss(runId: string): void;
}

const busyMs = 1_000;
const idleMs = 15_000;
/** The media run starts by itself after the dump has ended. */
const aftermathMs = 15_000;

/** Follows what runs, by asking every second while something does. */
export function useActivity(): Activity {
  const queryClient = useQueryClient();
  const [watched, setWatched] = useState<readonly string[]>([]);
  const busyUntil = useRef(0);
  const awaited = useRef(new Set<string>());
  const query = useQuery({
    ...activeRunsQuery(watched),
    refetchInterval: ({ state }) => {
      const busy = state.data?.some((run) => run.status === "running") || Date.now() < busyUntil.current;
      return busy ? busyMs : idleMs;
    },
  });

  const watch = (runId: string) => {
    busyUntil.current = Date.now() + aftermathMs;
    awaited.current.add(runId);
    setWatched((ids) => ids.includes(runId) ? ids : [...ids, runId]);
  };
  const dismiss = (runId: string) => setWatched((ids) => ids.filter((id) => id !== runId));

  useEffect(() => {
    let ended = false;
    for (const run of query.data ?? []) {
      if (run.status === "running") {
        if (!awaited.current.has(run.id)) watch(run.id);
      } else if (awaited.current.delete(run.id)) {
        ended = true;
        busyUntil.current = Date.now() + aftermathMs;
        toastEnded(run);
      }
    }
    if (!ended) return;
    for (const key of ["runs", "run", "overview", "trends"]) void queryClient.invalidateQueries({ queryKey: [key] });
  }, [query.data, queryClient]);

  return { query, watch, dismiss };
}
