import type { BackupHistoryRow } from "../../../supabase/functions/_shared/contract/mod.ts";
import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { type Figure, FigureList } from "./figure-list.tsx";

export function RunFigureList({ run }: { run: BackupHistoryRow }) {
  const figures: (Figure | false)[] = [
    run.duration_ms !== null && ["Duration", formatDuration(run.duration_ms)],
    run.bytes !== null && [run.kind === "media" ? "Newly stored" : "Stored", formatBytes(run.bytes)],
    run.raw_bytes !== null && [run.kind === "media" ? "All files" : "Before compression", formatBytes(run.raw_bytes)],
    run.tables !== null && ["Tables", formatCount(run.tables)],
    run.rows !== null && ["Rows", formatCount(run.rows)],
    run.files !== null && ["Files", formatCount(run.files)],
    run.skipped !== null && ["Skipped", formatCount(run.skipped)],
  ];
  const shown = figures.filter((figure) => figure !== false);
  return shown.length === 0 ? null : <FigureList figures={shown} />;
}
