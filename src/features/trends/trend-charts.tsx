import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { BYTE_STEPS, COUNT_STEPS, DURATION_STEPS } from "./axis-steps.ts";
import type { TrendRun } from "./list-trend-runs.ts";
import { TrendChart } from "./trend-chart.tsx";

/** Dump and files have separate charts, since one may be a thousand times the other. */
export function TrendCharts({ runs }: { runs: readonly TrendRun[] }) {
  return (
    <div
      className="flex gap-3 max-sm:-mx-4 max-sm:snap-x max-sm:scroll-px-4 max-sm:overflow-x-auto max-sm:px-4 sm:grid sm:grid-cols-2 xl:grid-cols-4"
      role="group"
      aria-label="Charts"
      tabIndex={0}
    >
      <TrendChart
        title="Dump size"
        runs={runs}
        valueOf={(run) => run.kind === "database" ? run.bytes : null}
        format={formatBytes}
        steps={BYTE_STEPS}
      />
      <TrendChart
        title="Size of all files"
        runs={runs}
        // A media run stores only what changed, but its point holds all files.
        valueOf={(run) => run.kind === "media" ? run.raw_bytes : null}
        format={formatBytes}
        steps={BYTE_STEPS}
      />
      <TrendChart
        title="Files"
        runs={runs}
        valueOf={(run) => run.kind === "media" ? run.files : null}
        format={formatCount}
        steps={COUNT_STEPS}
      />
      <TrendChart
        title="Duration"
        runs={runs}
        valueOf={(run) => run.duration_ms}
        format={formatDuration}
        steps={DURATION_STEPS}
      />
    </div>
  );
}
