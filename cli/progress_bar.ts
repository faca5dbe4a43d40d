import cliProgress from "cli-progress";
import process from "node:process";
import type { RunProgress } from "../supabase/functions/_shared/contract/mod.ts";
import { formatBytes, formatCount } from "./figures.ts";

/** Shows how far a run has come. */
export interface ProgressDisplay {
  show(progress: RunProgress): void;
  end(): void;
}

const STEPS = 1_000;

/** A bar where standard error is a terminal, a line a phase where it is a log, and nothing for machines. */
export function createProgressDisplay(title: string, json: boolean): ProgressDisplay {
  if (json) return { show() {}, end() {} };
  if (!process.stderr.isTTY) return phaseLines(title);
  const bar = new cliProgress.SingleBar({
    format: `${title.padEnd(8)} {bar} {percentage}% | {detail}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    // Its own timer redraws; without that, a finished process would wait for it.
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

/** The best measure that the run gives, from 0 to 1. */
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
    progress.bytesDone !== undefined && formatBytes(progress.bytesDone),
  ];
  return parts.filter((part) => part).join(", ");
}
