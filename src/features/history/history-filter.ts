import * as z from "zod";
import { runKind, runStatus, runTrigger } from "../../../supabase/functions/_shared/contract/mod.ts";

export const SORTABLE_COLUMNS = ["started_at", "kind", "status", "duration_ms", "bytes"] as const;
export const PAGE_SIZES = [25, 50, 100] as const;

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);

/** The filter in the page's address, so that a filtered history can be shared. Unreadable parts are ignored. */
const historyFilter = z.object({
  kind: runKind.optional().catch(undefined),
  status: runStatus.optional().catch(undefined),
  trigger: runTrigger.optional().catch(undefined),
  /** First and last day, in the viewer's time zone. */
  from: day.optional().catch(undefined),
  to: day.optional().catch(undefined),
  sort: z.enum(SORTABLE_COLUMNS).catch("started_at"),
  ascending: z.stringbool().catch(false),
  page: z.coerce.number().int().min(1).catch(1),
  size: z.coerce.number().pipe(z.literal(PAGE_SIZES)).catch(25),
});
export type HistoryFilter = z.infer<typeof historyFilter>;

const defaults = historyFilter.parse({});

export function readFilter(parameters: URLSearchParams): HistoryFilter {
  return historyFilter.parse(Object.fromEntries(parameters));
}

/** The parameters without those that have default values. */
export function writeFilter(filter: HistoryFilter): URLSearchParams {
  const told = Object.entries(filter).filter(([name, value]) =>
    value !== undefined && value !== defaults[name as keyof HistoryFilter]
  );
  return new URLSearchParams(told.map(([name, value]) => [name, String(value)]));
}

/** Whether the filter hides rows. */
export function isNarrowed({ kind, status, trigger, from, to }: HistoryFilter): boolean {
  return [kind, status, trigger, from, to].some((value) => value !== undefined);
}
