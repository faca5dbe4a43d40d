import type { RunProgress } from "../../../supabase/functions/_shared/contract/mod.ts";
import { runShare } from "./run-share.ts";

export interface Pace {
  readonly bytesPerSecond: number | null;
  readonly remainingMs: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly phase: string;
  readonly bytes: number | undefined;
  readonly share: number | null;
}

/** Long enough to even out single large files, short enough to show changes. */
const WINDOW_MS = 20_000;

export const UNKNOWN_PACE: Pace = { bytesPerSecond: null, remainingMs: null };

/** Measures the speed of a run by its reports of the last seconds. */
export class PaceMeter {
  #samples: Sample[] = [];

  add(progress: RunProgress | null, atMs: number): Pace {
    if (progress === null) return UNKNOWN_PACE;
    const sample = { atMs, phase: progress.phase, bytes: progress.bytesDone, share: runShare(progress) };
    // Another phase counts other things, so earlier samples are dropped.
    this.#samples = [
      ...this.#samples.filter((old) => old.phase === sample.phase && atMs - old.atMs <= WINDOW_MS),
      sample,
    ];
    const [first] = this.#samples;
    const seconds = (atMs - first.atMs) / 1000;
    if (seconds < 1) return UNKNOWN_PACE;
    const bytes = first.bytes === undefined || sample.bytes === undefined ? null : sample.bytes - first.bytes;
    const share = first.share === null || sample.share === null ? 0 : sample.share - first.share;
    return {
      bytesPerSecond: bytes === null || bytes <= 0 ? null : bytes / seconds,
      remainingMs: share <= 0 || sample.share === null ? null : (1 - sample.share) / share * seconds * 1000,
    };
  }
}
