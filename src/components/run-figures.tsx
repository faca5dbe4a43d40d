import { countOf, formatBytes, formatDuration } from "../lib/format.ts";
import type { RunSummary } from "../lib/runs/run-summary.ts";

/** What a run holds, in a line: `27 tables, 48,210 rows, 1.9 MiB in 2.1 s`. */
export function RunFigures({ run }: { run: RunSummary }) {
  const figures = [
    run.tables !== null && countOf(run.tables, "table"),
    run.rows !== null && countOf(run.rows, "row"),
    run.files !== null && countOf(run.files, "file"),
    !!run.skipped && `${countOf(run.skipped, "file")} skipped`,
    run.kind === "media"
      ? run.raw_bytes !== null && `${formatBytes(run.raw_bytes)}, ${formatBytes(run.bytes ?? 0)} of it new,`
      : run.bytes !== null && formatBytes(run.bytes),
  ].filter((figure) => typeof figure === "string").join(", ");
  const time = run.duration_ms === null ? "" : `in ${formatDuration(run.duration_ms)}`;
  return <>{[figures, time].filter(Boolean).join(" ")}</>;
}
