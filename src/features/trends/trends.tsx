import { useQuery } from "@tanstack/react-query";
import { ChartNoAxesCombinedIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Card } from "../../components/ui/card.tsx";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../../components/ui/select.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { MOST_TREND_RUNS, trendRunsQuery } from "./list-trend-runs.ts";

const TrendCharts = lazy(async () => ({ default: (await import("./trend-charts.tsx")).TrendCharts }));

const SPANS = { "30": "30 days", "90": "90 days", "365": "12 months" } as const;

export function Trends() {
  const [span, setSpan] = useState<keyof typeof SPANS>("90");
  const query = useQuery(trendRunsQuery(Number(span)));
  const loading = <TrendsSkeleton />;
  return (
    <section aria-labelledby="trends">
      <div className="mb-2 flex h-8 items-center justify-between gap-3">
        <h2 id="trends" className="text-sm font-semibold">Over time</h2>
        <Select value={span} onValueChange={(value) => setSpan(value as keyof typeof SPANS)}>
          <SelectTrigger aria-label="Time span">
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {Object.entries(SPANS).map(([days, name]) => <SelectItem key={days} value={days}>{name}</SelectItem>)}
          </SelectContent>
        </Select>
      </div>
      <QueryView query={query} what="The charts" loading={loading} errorClassName="min-h-48">
        {(runs) =>
          runs.length === 0
            ? (
              <Card className="flex min-h-48 items-center justify-center">
                <EmptyState icon={ChartNoAxesCombinedIcon} title="No backups in this time">
                  Size, duration and files are drawn here once there are some.
                </EmptyState>
              </Card>
            )
            : (
              <>
                <Suspense fallback={loading}>
                  <TrendCharts runs={runs} />
                </Suspense>
                {runs.length === MOST_TREND_RUNS && (
                  <p className="text-muted-foreground mt-1.5 text-xs">
                    The newest {MOST_TREND_RUNS.toLocaleString("en")} runs of this time are drawn.
                  </p>
                )}
              </>
            )}
      </QueryView>
    </section>
  );
}

function TrendsSkeleton() {
  return (
    <div className="flex gap-3 overflow-hidden sm:grid sm:grid-cols-2 xl:grid-cols-4">
      {Array.from(
        { length: 4 },
        (_, index) => <Skeleton key={index} className="h-48 rounded-xl max-sm:w-72 max-sm:shrink-0" />,
      )}
    </div>
  );
}
