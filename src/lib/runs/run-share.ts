import type { RunProgress } from "../../../supabase/functions/_shared/contract/mod.ts";

/** The share of a run that is done, 0 to 1, by the best figures it reports; null without any. */
export function runShare(progress: RunProgress | null): number | null {
  if (progress === null) return null;
  const measures = [
    [progress.bytesDone, progress.bytesTotal],
    [progress.rowsDone, progress.rowsEstimated],
    [progress.filesDone, progress.filesTotal],
    [progress.tablesDone, progress.tablesTotal],
  ] as const;
  for (const [done, total] of measures) {
    // Totals may be estimates, so an active run never shows 100 %.
    if (done !== undefined && total !== undefined && total > 0) return Math.min(0.99, done / total);
  }
  return null;
}
