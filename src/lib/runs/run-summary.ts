import type { z } from "zod";
import { backupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";

/** A run without its `details`, which may be large. */
export const runSummary = backupHistoryRow.omit({ details: true, email_status: true, email_error: true });
export type RunSummary = z.infer<typeof runSummary>;

export const runSummaryColumns: string = Object.keys(runSummary.shape).join(",");
