import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { KindIcon } from "../../components/kind-icon.tsx";
import { Moment } from "../../components/moment.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { Card, CardContent, CardHeader, CardTitle } from "../../components/ui/card.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { cn } from "../../lib/class-names.ts";
import { KIND_NAMES } from "../../lib/runs/run-words.ts";
import { pointRunsQuery } from "./list-point-runs.ts";

/** The runs of the recovery point: dump, media, verifies and drills. */
export function PointRuns({ run }: { run: BackupHistoryRow }) {
  const query = useQuery(pointRunsQuery(run.project, run.recovery_point));
  return (
    <Card>
      <CardHeader>
        <CardTitle>Recovery point</CardTitle>
      </CardHeader>
      <CardContent className="min-h-30">
        <QueryView query={query} what="The recovery point" loading={<Skeleton className="h-24" />}>
          {(runs) => (
            <>
              <ul className="-mx-2">
                {runs.map((other) => (
                  <li key={other.id}>
                    <Link
                      to={`/backup-history/${other.id}`}
                      aria-current={other.id === run.id ? "page" : undefined}
                      className={cn(
                        "hover:bg-accent focus-visible:ring-ring/60 flex items-center gap-2 rounded-md px-2 py-1.5 text-[13px] outline-none focus-visible:ring-[3px]",
                        other.id === run.id && "bg-muted",
                      )}
                    >
                      <KindIcon kind={other.kind} />
                      <span className="min-w-0 flex-1">
                        {KIND_NAMES[other.kind]}
                        <Moment at={other.started_at} className="text-muted-foreground block text-xs" />
                      </span>
                      <StatusBadge status={other.status} />
                    </Link>
                  </li>
                ))}
              </ul>
              {!runs.some(({ kind }) => kind === "verify") && (
                <p className="text-muted-foreground mt-1.5 text-xs">It has not been verified yet.</p>
              )}
            </>
          )}
        </QueryView>
      </CardContent>
    </Card>
  );
}
