import { useMutation, useQueryClient } from "@tanstack/react-query";
import { updateAnswer } from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";
import { toastError } from "../../lib/toast-error.tsx";

export interface RunChanges {
  readonly runId: string;
  readonly label?: string | null;
  readonly pinned?: boolean;
}

export function useUpdateRun(onDone?: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (changes: RunChanges) => callFunction("backup-admin", { action: "update", ...changes }, updateAnswer),
    onSuccess: async () => {
      await Promise.all(["run", "runs", "audit"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
      onDone?.();
    },
    onError: (error) => toastError("The change was not saved", error),
  });
}
