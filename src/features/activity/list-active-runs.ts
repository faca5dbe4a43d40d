import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { readAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { runSummary, runSummaryColumns } from "../../lib/runs/run-summary.ts";
import { supabase } from "../../lib/supabase.ts";

/** Runs that are at work, whoever started them, and those in `watched` whether they have ended or not. */
export function activeRunsQuery(watched: readonly string[]) {
  const atWork = "status.eq.running";
  return queryOptions({
    queryKey: ["runs", "active", watched],
    queryFn: async ({ signal }) => {
      const response = await supabase().from("backup_history").select(runSummaryColumns)
        .or(watched.length > 0 ? `${atWork},id.in.(${watched.join(",")})` : atWork)
        .order("started_at").abortSignal(signal);
      return readAnswer(z.array(runSummary), rowsOf(response), "The list of active runs");
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}
