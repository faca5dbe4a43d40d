import type { RunKind, RunProgress } from "../../supabase/functions/_shared/contract/mod.ts";
import { formatBytes, formatCount, formatDuration, parseMoment } from "../lib/format.ts";
import { runShare } from "../lib/runs/run-share.ts";
import { phaseName } from "../lib/runs/run-words.ts";
import { usePace } from "../lib/runs/use-pace.ts";
import { useNow } from "../lib/use-now.ts";
import { Progress } from "./ui/progress.tsx";

interface RunProgressBarProps {
  readonly kind: RunKind;
  readonly startedAt: string;
  readonly progress: RunProgress | null;
}

/** The progress of a run: share, tables or files, rows, bytes, rate, time left. */
export function RunProgressBar({ kind, startedAt, progress }: RunProgressBarProps) {
  const now = useNow(1_000);
  const pace = usePace(progress);
  const share = runShare(progress);
  const percent = share === null ? null : Math.floor(share * 100);
  const facts = [
    counted(progress?.tablesDone, progress?.tablesTotal, "tables"),
    counted(progress?.filesDone, progress?.filesTotal, "files"),
    progress?.rowsDone !== undefined && `${formatCount(progress.rowsDone)} rows`,
    progress?.bytesDone !== undefined && bytesOf(progress.bytesDone, progress.bytesTotal),
    pace.bytesPerSecond !== null && `${formatBytes(pace.bytesPerSecond)}/s`,
    `${formatDuration(Math.max(0, now.getTime() - parseMoment(startedAt).getTime())).replace(/\.\d/, "")} so far`,
    pace.remainingMs !== null && `about ${formatDuration(pace.remainingMs).replace(/\.\d/, "")} left`,
  ].filter((fact) => typeof fact === "string");
  return (
    <div className="space-y-1.5">
      <div className="flex items-baseline justify-between gap-3 text-[13px]">
        <span className="min-w-0 truncate">
          {progress === null ? "Starting" : phaseName(kind, progress.phase)}
          {progress?.currentTable && <span className="text-muted-foreground">{` · ${progress.currentTable}`}</span>}
        </span>
        <span className="tabular-nums">{percent === null ? "" : `${percent} %`}</span>
      </div>
      <Progress value={percent} aria-label={`Progress: ${progress ? phaseName(kind, progress.phase) : "starting"}`} />
      <p className="text-muted-foreground flex flex-wrap gap-x-3 text-xs tabular-nums">
        {facts.map((fact) => <span key={fact.replace(/[\d.,]+/g, "")}>{fact}</span>)}
      </p>
    </div>
  );
}

function counted(done: number | undefined, total: number | undefined, what: string): string | false {
  if (done === undefined && total === undefined) return false;
  return total === undefined
    ? `${formatCount(done ?? 0)} ${what}`
    : `${formatCount(done ?? 0)} of ${formatCount(total)} ${what}`;
}

function bytesOf(done: number, total: number | undefined): string {
  return total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
}
