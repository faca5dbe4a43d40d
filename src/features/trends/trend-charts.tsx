import { countOf, formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import type { TrendRun } from "./list-trend-runs.ts";
import { TrendChart } from "./trend-chart.tsx";

export function TrendCharts({ runs }: { runs: readonly TrendRun[] }) {
  return (
    <div className="grid gap-3 md:grid-cols-3">
      <TrendChart
        title="Size"
        runs={runs}
        // A media run stores only what changed; its point holds all files.
        valueOf={(run) => run.kind === "media" ? run.raw_bytes : run.bytes}
        format={formatBytes}
        binary
      />
      <TrendChart
        title="Duration"
        runs={runs}
        valueOf={(run) => run.duration_ms}
        format={formatDuration}
      />
      <TrendChart
        title="Files"
        runs={runs}
        valueOf={(run) => run.kind === "media" ? run.files : null}
        format={formatCount}
        formatLatest={(files) => countOf(files, "file")}
      />
    </div>
  );
}
