import type { RunProgress } from "../../../supabase/functions/_shared/contract/mod.ts";

/** How much of the run is done, 0 to 1, by the best measure that it tells; null when it tells none. */
export function runShare(progress: RunProgress | null): number | null {
  if (progress === null) return null;
  const measures = [
    [progress.bytesDone, progress.bytesTotal],
    [progress.rowsDone, progress.rowsEstimated],
    [progress.filesDone, progress.filesTotal],
    [progress.tablesDone, progress.tablesTotal],
  ] as const;
  for (const [done, total] of measures) {
    // Totals may be estimates: what runs has not ended.
    if (done !== undefined && total !== undefined && total > 0) return Math.min(0.99, done / total);
  }
  return null;
}
