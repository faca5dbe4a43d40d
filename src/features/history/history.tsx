import { useQuery } from "@tanstack/react-query";
import { ArchiveIcon, SearchXIcon } from "lucide-react";
import { EmptyState } from "../../components/empty-state.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Card } from "../../components/ui/card.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { isNarrowed } from "./history-filter.ts";
import { HistoryTable } from "./history-table.tsx";
import { runsQuery } from "./list-runs.ts";
import { Pager } from "./pager.tsx";
import { useHistoryFilter } from "./use-history-filter.ts";

export function History() {
  const [filter, change] = useHistoryFilter();
  const query = useQuery(runsQuery(filter));
  return (
    <section aria-labelledby="history">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id="history" className="text-sm font-semibold">History</h2>
        <FilterBar filter={filter} onChange={change} />
      </div>
      <Card className="flex min-h-80 flex-col overflow-hidden">
        <QueryView query={query} what="The history" loading={<HistorySkeleton />} errorClassName="m-4">
          {({ runs, total }) =>
            total > 0
              ? (
                <>
                  <HistoryTable runs={runs} filter={filter} onChange={change} outdated={query.isPlaceholderData} />
                  <Pager filter={filter} total={total} onChange={change} />
                </>
              )
              : isNarrowed(filter)
              ? (
                <EmptyState icon={SearchXIcon} title="No run matches this filter">
                  Clear the filter to see all runs.
                </EmptyState>
              )
              : (
                <EmptyState icon={ArchiveIcon} title="No backup yet">
                  Nothing of this project is safe so far. Trigger the first backup with the button above.
                </EmptyState>
              )}
        </QueryView>
      </Card>
    </section>
  );
}

function HistorySkeleton() {
  return (
    <div className="divide-y">
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className="flex h-12 items-center gap-6 px-4">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-4 w-20" />
          <Skeleton className="h-5 w-20 rounded-full" />
          <Skeleton className="ml-auto h-4 w-16" />
        </div>
      ))}
    </div>
  );
}
