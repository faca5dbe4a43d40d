import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { cancelAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { toastError } from "../toast-error.tsx";
import { callFunction } from "../call-function.ts";

export function useCancelRun() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => callFunction("backup-admin", { action: "cancel", runId }, cancelAnswer),
    onSuccess: ({ requested }) =>
      requested ? toast("The run will stop within seconds.") : toast("The run had ended already."),
    onError: (error) => toastError("The run could not be cancelled", error),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runs"] }),
  });
}
