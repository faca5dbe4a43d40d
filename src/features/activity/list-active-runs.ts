import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import * as z from "zod";
import { parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { runSummary, runSummaryColumns } from "../../lib/runs/run-summary.ts";
import { supabase } from "../../lib/supabase.ts";

/** Runs and points that are followed even after they have ended. */
export interface Watched {
  readonly ids: readonly string[];
  /** Points whose media run starts by itself after the dump, and may end between two refreshes. */
  readonly points: readonly string[];
}

/** The active runs, whoever started them, and the watched ones. */
export function activeRunsQuery({ ids, points }: Watched) {
  const any = [
    "status.eq.running",
    ids.length > 0 && `id.in.(${ids.join(",")})`,
    points.length > 0 && `and(kind.eq.media,recovery_point.in.(${points.join(",")}))`,
  ].filter(Boolean);
  return queryOptions({
    queryKey: ["runs", "active", ids, points],
    queryFn: async ({ signal }) => {
      const response = await supabase().from("backup_history").select(runSummaryColumns).or(any.join(","))
        .order("started_at").abortSignal(signal);
      return parseAnswer(z.array(runSummary), rowsOf(response), "The list of active runs");
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}
