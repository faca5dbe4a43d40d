import { queryOptions } from "@tanstack/react-query";
import { overviewAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";
import { PageError } from "../../lib/page-error.ts";
import { rowsOf } from "../../lib/read-rows.ts";
import { supabase } from "../../lib/supabase.ts";

/**
 * Whether a user has the role admin. Row security protects the data in any case; this only decides what the page shows.
 * The API cannot call a `has_role` with other parameter names, so for such projects the edge function is asked, which
 * passes parameters by position.
 */
async function isAdmin(userId: string, signal: AbortSignal): Promise<boolean> {
  const answer = await supabase().rpc("has_role", { _user_id: userId, _role: "admin" }).abortSignal(signal);
  if (answer.error?.code !== "PGRST202") return rowsOf(answer) === true;
  try {
    await callFunction("backup-admin", { action: "overview" }, overviewAnswer, signal);
    return true;
  } catch (error) {
    if (error instanceof PageError && error.code === "not_admin") return false;
    throw error;
  }
}

export function isAdminQuery(userId: string) {
  return queryOptions({
    queryKey: ["is-admin", userId],
    queryFn: ({ signal }) => isAdmin(userId, signal),
    staleTime: 5 * 60_000,
  });
}
