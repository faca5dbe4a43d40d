import { queryOptions } from "@tanstack/react-query";
import * as z from "zod";
import { parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { runSummary, runSummaryColumns } from "../../lib/runs/run-summary.ts";
import { supabase } from "../../lib/supabase.ts";

const MOST_RUNS = 50;

/** All runs of a recovery point (dump, media, verifies and drills), the newest first. */
export function pointRunsQuery(project: string, recoveryPoint: string) {
  return queryOptions({
    queryKey: ["runs", "point", project, recoveryPoint],
    queryFn: async ({ signal }) => {
      const response = await supabase().from("backup_history").select(runSummaryColumns).eq("project", project)
        .or(`recovery_point.eq.${recoveryPoint},details->>drilledRecoveryPoint.eq.${recoveryPoint}`)
        .order("started_at", { ascending: false }).limit(MOST_RUNS).abortSignal(signal);
      return parseAnswer(z.array(runSummary), rowsOf(response), "The runs of the recovery point");
    },
    refetchInterval: ({ state }) => state.data?.some((run) => run.status === "running") ? 1_000 : false,
  });
}
