import { queryOptions } from "@tanstack/react-query";
import { overviewAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => callFunction("backup-admin", { action: "overview" }, overviewAnswer, signal),
  refetchInterval: 60_000,
});
