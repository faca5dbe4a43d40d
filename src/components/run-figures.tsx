import { countOf, formatBytes, formatDuration } from "../lib/format.ts";
import type { RunSummary } from "../lib/runs/run-summary.ts";

/** The content of a run in a line: `27 tables · 48,210 rows · 1.9 MiB · 2.1 s`. */
export function RunFigures({ run }: { run: RunSummary }) {
  const figures = [
    run.tables !== null && countOf(run.tables, "table"),
    run.rows !== null && countOf(run.rows, "row"),
    run.files !== null && countOf(run.files, "file"),
    !!run.skipped && `${countOf(run.skipped, "file")} skipped`,
    ...sizes(run),
    run.duration_ms !== null && formatDuration(run.duration_ms),
  ];
  return <>{figures.filter(Boolean).join(" · ")}</>;
}

/** A media run has two sizes, because it stores only what changed. */
function sizes({ kind, bytes, raw_bytes }: RunSummary): (string | false)[] {
  if (kind !== "media" || raw_bytes === null) return [bytes !== null && formatBytes(bytes)];
  return [
    formatBytes(raw_bytes),
    bytes === 0 ? "nothing new" : bytes !== raw_bytes && `${formatBytes(bytes ?? 0)} new`,
  ];
}
