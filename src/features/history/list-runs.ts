import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { addDays, parseISO } from "date-fns";
import * as z from "zod";
import { parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { type RunSummary, runSummary, runSummaryColumns } from "../../lib/runs/run-summary.ts";
import { supabase } from "../../lib/supabase.ts";
import type { HistoryFilter } from "./history-filter.ts";

export interface PageOfRuns {
  readonly runs: RunSummary[];
  /** Number of rows of all pages. */
  readonly total: number;
}

/** Reads one page of the history, which the database filters and sorts. */
async function listRuns(filter: HistoryFilter, signal: AbortSignal): Promise<PageOfRuns> {
  const first = (filter.page - 1) * filter.size;
  let query = supabase().from("backup_history").select(runSummaryColumns, { count: "exact" });
  for (const column of ["kind", "status", "trigger"] as const) {
    const value = filter[column];
    if (value !== undefined) query = query.eq(column, value);
  }
  // A day lasts from midnight to midnight in the viewer's time zone.
  if (filter.from) query = query.gte("started_at", parseISO(filter.from).toISOString());
  if (filter.to) query = query.lt("started_at", addDays(parseISO(filter.to), 1).toISOString());
  const response = await query
    .order(filter.sort, { ascending: filter.ascending, nullsFirst: false })
    // Equal rows must not change places between pages.
    .order("id", { ascending: filter.ascending })
    .range(first, first + filter.size - 1).abortSignal(signal);
  // PGRST103: the page is past the end. https://docs.postgrest.org/en/stable/references/errors.html
  if (response.error?.code === "PGRST103") return await listRuns({ ...filter, page: 1 }, signal);
  const runs = parseAnswer(z.array(runSummary), rowsOf(response), "The history");
  return { runs, total: response.count ?? runs.length };
}

export function runsQuery(filter: HistoryFilter) {
  return queryOptions({
    queryKey: ["runs", "history", filter],
    queryFn: ({ signal }) => listRuns(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}
