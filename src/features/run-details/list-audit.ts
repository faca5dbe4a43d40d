import { queryOptions } from "@tanstack/react-query";
import * as z from "zod";
import { parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { supabase } from "../../lib/supabase.ts";

const auditEntry = z.object({
  id: z.number(),
  at: z.string(),
  actor: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

const MOST_ENTRIES = 100;

/** Audit entries of a run, the newest first. */
export function auditQuery(runId: string) {
  return queryOptions({
    queryKey: ["audit", runId],
    queryFn: async ({ signal }) => {
      const response = await supabase().from("backup_audit_log").select(Object.keys(auditEntry.shape).join(","))
        .or(`target.eq.${runId},details->>runId.eq.${runId}`)
        .order("at", { ascending: false }).limit(MOST_ENTRIES).abortSignal(signal);
      return parseAnswer(z.array(auditEntry), rowsOf(response), "The log");
    },
  });
}
