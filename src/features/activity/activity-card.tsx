import { CircleCheckIcon } from "lucide-react";
import { QueryView } from "../../components/query-view.tsx";
import { Card } from "../../components/ui/card.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { ActiveRun } from "./active-run.tsx";
import type { Activity } from "./use-activity.ts";

/** Shows the active runs. It is also there without any, so that starting a backup moves little on the page. */
export function ActivityCard({ activity }: { activity: Activity }) {
  return (
    <Card aria-label="Activity" className="min-h-19 overflow-hidden">
      <QueryView
        query={activity.query}
        what="What is running"
        errorClassName="m-3"
        loading={
          <div className="flex h-19 items-center px-4">
            <Skeleton className="h-4 w-48" />
          </div>
        }
      >
        {(all) => {
          const runs = all.filter((run) => run.status === "running" || !activity.dismissed.has(run.id));
          return runs.length === 0
            ? (
              <p className="text-muted-foreground flex h-19 items-center gap-2 px-4 text-[13px]">
                <CircleCheckIcon aria-hidden className="size-4" />
                Nothing is running.
              </p>
            )
            : (
              <ul className="divide-y">
                {runs.map((run) => (
                  <li key={run.id}>
                    <ActiveRun run={run} onDismiss={() => activity.dismiss(run.id)} />
                  </li>
                ))}
              </ul>
            );
        }}
      </QueryView>
    </Card>
  );
}
