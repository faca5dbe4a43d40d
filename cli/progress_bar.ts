import cliProgress from "cli-progress";
import process from "node:process";
import type { RunProgress } from "../supabase/functions/_shared/contract/mod.ts";
import { formatCount, formatDecimalBytes } from "./figures.ts";

/** Shows the progress of a run. */
export interface ProgressDisplay {
  show(progress: RunProgress): void;
  end(): void;
}

const STEPS = 1_000;

/** Shows a bar on a terminal, one line for each phase in a log, and nothing for machines. */
export function createProgressDisplay(title: string, json: boolean): ProgressDisplay {
  if (json) return { show() {}, end() {} };
  if (!process.stderr.isTTY) return phaseLines(title);
  const bar = new cliProgress.SingleBar({
    format: `${title.padEnd(8)} {bar} {percentage}% | {detail}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    // The bar redraws by its own timer, which would keep a finished process alive.
    fps: 10,
  }, cliProgress.Presets.shades_classic);
  bar.start(STEPS, 0, { detail: "starting" });
  let reached = 0;
  return {
    show(progress) {
      reached = Math.max(reached, Math.round(shareOf(progress) * STEPS));
      bar.update(reached, { detail: describe(progress) });
    },
    end: () => bar.stop(),
  };
}

function phaseLines(title: string): ProgressDisplay {
  let phase: string | undefined;
  return {
    show(progress) {
      if (progress.phase === phase) return;
      phase = progress.phase;
      console.error(`${title}: ${phase}`);
    },
    end() {},
  };
}

/** The share that is done, 0 to 1, by the best figures that the run reports. */
function shareOf(progress: RunProgress): number {
  const measures = [
    [progress.bytesDone, progress.bytesTotal],
    [progress.rowsDone, progress.rowsEstimated],
    [progress.filesDone, progress.filesTotal],
    [progress.tablesDone, progress.tablesTotal],
  ] as const;
  for (const [done, total] of measures) {
    if (done !== undefined && total) return Math.min(1, done / total);
  }
  return 0;
}

function describe(progress: RunProgress): string {
  const parts = [
    progress.currentTable ?? progress.phase,
    progress.tablesTotal && `${progress.tablesDone ?? 0} of ${progress.tablesTotal} tables`,
    progress.rowsDone !== undefined && `${formatCount(progress.rowsDone)} rows`,
    progress.filesTotal !== undefined && `${progress.filesDone ?? 0} of ${formatCount(progress.filesTotal)} files`,
    progress.bytesDone !== undefined && formatDecimalBytes(progress.bytesDone),
  ];
  return parts.filter((part) => part).join(", ");
}
