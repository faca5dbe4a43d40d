import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { toast } from "sonner";
import { verifyAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";
import { PageError } from "../../lib/page-error.ts";
import { toastError } from "../../lib/toast-error.tsx";

export interface VerifyToStart {
  readonly runId: string;
  readonly coverage: "deep" | "sample";
}

/** Starts a verify run and opens its page. */
export function useVerifyRun() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (verify: VerifyToStart) => callFunction("backup-admin", { action: "verify", ...verify }, verifyAnswer),
    onSuccess: ({ runId }) => {
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`/backup-history/${runId}`);
    },
    onError: (error) => {
      if (!(error instanceof PageError) || error.code !== "already_running") {
        return toastError("The verification could not be started", error);
      }
      toast.info("A verification is already running", {
        description: error.runId === undefined
          ? error.hint
          : (
            <Link to={`/backup-history/${error.runId}`} className="underline underline-offset-2">
              Show the run at work
            </Link>
          ),
        duration: 10_000,
      });
    },
  });
}
