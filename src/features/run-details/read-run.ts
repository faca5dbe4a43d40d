import { queryOptions } from "@tanstack/react-query";
import { backupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { PageError, parseAnswer } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { supabase } from "../../lib/supabase.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ["run", runId],
    queryFn: async ({ signal }) => {
      if (!UUID.test(runId)) throw unknownRun();
      const columns = Object.keys(backupHistoryRow.shape).join(",");
      const response = await supabase().from("backup_history").select(columns).eq("id", runId).limit(1).abortSignal(
        signal,
      );
      const [row] = rowsOf(response);
      if (row === undefined) throw unknownRun();
      return parseAnswer(backupHistoryRow, row, "The run");
    },
    refetchInterval: ({ state }) => state.data?.status === "running" ? 1_000 : false,
  });
}

function unknownRun(): PageError {
  return new PageError({
    code: "run_unknown",
    message: "The history has no such run.",
    hint: "The link may be wrong, or retention has removed the run.",
  });
}
