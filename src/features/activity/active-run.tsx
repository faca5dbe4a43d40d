import { XIcon } from "lucide-react";
import { Link } from "react-router";
import { KindIcon } from "../../components/kind-icon.tsx";
import { RunFigures } from "../../components/run-figures.tsx";
import { RunProgressBar } from "../../components/run-progress-bar.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import type { RunSummary } from "../../lib/runs/run-summary.ts";
import { KIND_NAMES } from "../../lib/runs/run-words.ts";
import { useCancelRun } from "../../lib/runs/use-cancel-run.ts";

export function ActiveRun({ run, onDismiss }: { run: RunSummary; onDismiss: () => void }) {
  const cancel = useCancelRun();
  const name = KIND_NAMES[run.kind];
  const running = run.status === "running";
  return (
    <div className="grid grid-cols-[1fr_auto] items-start gap-x-4 sm:items-center gap-y-2 px-4 py-3 sm:grid-cols-[13rem_1fr_auto]">
      <div className="flex flex-wrap items-center gap-2">
        <KindIcon kind={run.kind} />
        <Link to={`/backup-history/${run.id}`} className="font-medium underline-offset-4 hover:underline">{name}</Link>
        <StatusBadge status={run.status} />
      </div>
      <div
        className="order-last col-span-full flex min-h-13 flex-col justify-center sm:order-none sm:col-span-1"
        aria-live={running ? "off" : "polite"}
      >
        {running
          ? <RunProgressBar kind={run.kind} startedAt={run.started_at} progress={run.progress} />
          : <Outcome run={run} />}
      </div>
      {running
        ? (
          <Button
            variant="outline"
            size="sm"
            aria-label={`Cancel: ${name}`}
            disabled={cancel.isPending || cancel.data?.requested}
            onClick={() => cancel.mutate(run.id)}
          >
            {cancel.data?.requested ? "Stopping…" : "Cancel"}
          </Button>
        )
        : (
          <Button variant="ghost" size="icon-sm" aria-label={`Dismiss: ${name}`} onClick={onDismiss}>
            <XIcon aria-hidden />
          </Button>
        )}
    </div>
  );
}

function Outcome({ run }: { run: RunSummary }) {
  if (run.error_message) {
    return (
      <div className="text-[13px]">
        <p>{run.error_message}</p>
        {run.error_hint && <p className="text-muted-foreground mt-0.5">{run.error_hint}</p>}
      </div>
    );
  }
  return (
    <p className="text-[13px] tabular-nums">
      <RunFigures run={run} />
    </p>
  );
}
