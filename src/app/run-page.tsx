import { useQuery } from "@tanstack/react-query";
import { ArrowLeftIcon } from "lucide-react";
import { Link, useParams } from "react-router";
import type { BackupHistoryRow } from "../../supabase/functions/_shared/contract/mod.ts";
import { QueryView } from "../components/query-view.tsx";
import { RunProgressBar } from "../components/run-progress-bar.tsx";
import { Card } from "../components/ui/card.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { DownloadMenu } from "../features/downloads/download-menu.tsx";
import { RunActions } from "../features/run-actions/run-actions.tsx";
import { AuditList } from "../features/run-details/audit-list.tsx";
import { PointRuns } from "../features/run-details/point-runs.tsx";
import { runQuery } from "../features/run-details/read-run.ts";
import { RunDetails } from "../features/run-details/run-details.tsx";
import { RunError } from "../features/run-details/run-error.tsx";
import { RunFigureList } from "../features/run-details/run-figure-list.tsx";
import { RunHeading } from "../features/run-details/run-heading.tsx";
import { StorageFacts } from "../features/run-details/storage-facts.tsx";

export function RunPage({ userId }: { userId: string }) {
  const { runId = "" } = useParams();
  const query = useQuery(runQuery(runId));
  return (
    <div className="space-y-4">
      <Link
        to="/backup-history"
        className="text-muted-foreground hover:text-foreground focus-visible:ring-ring/60 -ml-1 inline-flex items-center gap-1 rounded-sm px-1 text-[13px] outline-none focus-visible:ring-[3px]"
      >
        <ArrowLeftIcon aria-hidden className="size-4" />
        All backups
      </Link>
      <QueryView query={query} what="The run" loading={<RunSkeleton />}>
        {/* What one run's page holds is not for the next run. */}
        {(run) => <Run key={run.id} run={run} userId={userId} />}
      </QueryView>
    </div>
  );
}

function Run({ run, userId }: { run: BackupHistoryRow; userId: string }) {
  const stored = run.s3_key !== null;
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <RunHeading run={run} userId={userId} />
        <div className="flex flex-wrap gap-2">
          <RunActions run={run} />
          {stored && <DownloadMenu run={run} />}
        </div>
      </div>
      <RunError run={run} />
      <div className="grid items-start gap-4 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-4">
          <Card className="overflow-hidden empty:hidden">
            {run.status === "running"
              ? (
                <div className="px-4 py-4">
                  <RunProgressBar kind={run.kind} startedAt={run.started_at} progress={run.progress} />
                </div>
              )
              : <RunFigureList run={run} />}
          </Card>
          <RunDetails run={run} />
        </div>
        <aside aria-label="About this run" className="grid min-w-0 gap-4">
          <PointRuns run={run} />
          <StorageFacts run={run} />
          <AuditList runId={run.id} userId={userId} />
        </aside>
      </div>
    </>
  );
}

function RunSkeleton() {
  return (
    <>
      <Skeleton className="h-14 max-w-md" />
      <div className="grid gap-4 lg:grid-cols-[1fr_20rem]">
        <div className="space-y-4">
          <Skeleton className="h-18 rounded-xl" />
          <Skeleton className="h-96 rounded-xl" />
        </div>
        <Skeleton className="h-96 rounded-xl" />
      </div>
    </>
  );
}
