import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { activeRunsQuery, type Watched } from "./list-active-runs.ts";
import { toastEnded } from "./toast-ended.tsx";

export interface Activity {
  readonly query: UseQueryResult<RunSummary[]>;
  /** Shows a run until it is dismissed, even one that ended before it was seen running. */
  watch(runId: string): void;
  dismiss(runId: string): void;
  readonly dismissed: ReadonlySet<string>;
}

const BUSY_MS = 1_000;
const IDLE_MS = 15_000;
/** How long to look for the media run, which starts by itself after the dump. */
const AFTERMATH_MS = 15_000;

/** Follows active runs, by a request a second while there are any. */
export function useActivity(): Activity {
  const queryClient = useQueryClient();
  const [watched, setWatched] = useState<Watched>({ ids: [], points: [] });
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const busyUntil = useRef(0);
  /** Ids of runs whose end was shown in a toast. */
  const told = useRef(new Set<string>());
  const query = useQuery({
    ...activeRunsQuery(watched),
    refetchInterval: ({ state }) => {
      const busy = state.data?.some((run) => run.status === "running") || Date.now() < busyUntil.current;
      return busy ? BUSY_MS : IDLE_MS;
    },
  });

  const watch = (runId: string) => {
    busyUntil.current = Date.now() + AFTERMATH_MS;
    setWatched((old) => ({ ...old, ids: including(old.ids, runId) }));
  };
  const dismiss = (runId: string) => setDismissed((ids) => new Set(ids).add(runId));

  useEffect(() => {
    let ended = false;
    for (const run of query.data ?? []) {
      setWatched((old) => {
        const ids = including(old.ids, run.id);
        const points = run.kind === "database" ? including(old.points, run.recovery_point) : old.points;
        return ids === old.ids && points === old.points ? old : { ids, points };
      });
      if (run.status === "running" || told.current.has(run.id)) continue;
      told.current.add(run.id);
      busyUntil.current = Date.now() + AFTERMATH_MS;
      ended = true;
      toastEnded(run);
    }
    if (!ended) return;
    for (const key of ["runs", "run", "overview", "trends"]) void queryClient.invalidateQueries({ queryKey: [key] });
  }, [query.data, queryClient]);

  return { query, watch, dismiss, dismissed };
}

/** The list with the entry; the same array when it already contains it. */
function including(list: readonly string[], entry: string): readonly string[] {
  return list.includes(entry) ? list : [...list, entry];
}
