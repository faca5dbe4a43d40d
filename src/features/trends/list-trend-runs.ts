import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { subDays } from "date-fns";
import * as z from "zod";
import { parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { runSummary } from "../../lib/runs/run-summary.ts";
import { supabase } from "../../lib/supabase.ts";

const trendRun = runSummary.pick({
  kind: true,
  started_at: true,
  duration_ms: true,
  bytes: true,
  raw_bytes: true,
  files: true,
});
export type TrendRun = z.infer<typeof trendRun>;

/** Hosted projects answer at most this many rows by default, and would cut a longer result silently. */
export const MOST_TREND_RUNS = 1_000;

/** Backups of the last days that hold data, oldest first; at most the newest 1,000. */
export function trendRunsQuery(days: number) {
  return queryOptions({
    queryKey: ["trends", days],
    queryFn: async ({ signal }) => {
      const response = await supabase().from("backup_history").select(Object.keys(trendRun.shape).join(","))
        .in("kind", ["database", "media"]).in("status", ["success", "partial", "damaged"])
        .gte("started_at", subDays(new Date(), days).toISOString())
        .order("started_at", { ascending: false }).limit(MOST_TREND_RUNS).abortSignal(signal);
      return parseAnswer(z.array(trendRun), rowsOf(response), "The figures of past runs").reverse();
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
