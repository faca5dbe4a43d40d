import { Link } from "react-router";
import { toast } from "sonner";
import { RunFigures } from "../../components/run-figures.tsx";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { KIND_NAMES, STATUS_NAMES } from "../../lib/runs/run-words.ts";

export function toastEnded(run: RunSummary): void {
  const show = { success: toast.success, partial: toast.warning, failed: toast.error, damaged: toast.error };
  const say = show[run.status as keyof typeof show] ?? toast;
  say(`${KIND_NAMES[run.kind]}: ${STATUS_NAMES[run.status].toLowerCase()}`, {
    description: (
      <>
        {run.error_message ?? <RunFigures run={run} />}{" "}
        <Link to={`/backup-history/${run.id}`} className="underline underline-offset-2">Details</Link>
      </>
    ),
  });
}
