import { CircleAlertIcon, TriangleAlertIcon } from "lucide-react";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { Alert, AlertDescription, AlertTitle } from "../../components/ui/alert.tsx";

/** Shows what went wrong in plain words, and what to do about it. */
export function RunError({ run }: { run: BackupHistoryRow }) {
  if (run.error_message === null) return null;
  const severe = run.status === "failed" || run.status === "damaged";
  return (
    <Alert variant={severe ? "negative" : "caution"}>
      {severe ? <CircleAlertIcon aria-hidden /> : <TriangleAlertIcon aria-hidden />}
      <AlertTitle>{run.error_message}</AlertTitle>
      <AlertDescription>
        {run.error_hint && <p>{run.error_hint}</p>}
        {run.error_code && <code className="text-xs">{run.error_code}</code>}
      </AlertDescription>
    </Alert>
  );
}
