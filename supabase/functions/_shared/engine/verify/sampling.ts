/** How much is to be looked at: every byte as far as the budget reaches, or a share of them. */
export interface VerifyCoverage {
  readonly coverage: "deep" | "sample";
  /** Share of the bytes to read, 0 to 100. Absent: 5, but at least 20 MB of the dump and of the files each. */
  readonly samplePercent?: number | undefined;
}

const DEFAULT_PERCENT = 5;
const LEAST_SAMPLE_BYTES = 20_000_000;

/** The share of `totalBytes` that is to be read, 0 to 1. `largestBytes` bounds what nobody asked for by a percentage. */
export function sampleShare(
  { coverage, samplePercent }: VerifyCoverage,
  totalBytes: number,
  largestBytes: number,
): number {
  if (coverage === "deep") return 1;
  if (samplePercent !== undefined) return samplePercent / 100;
  const wantedBytes = Math.min(largestBytes, Math.max(totalBytes * DEFAULT_PERCENT / 100, LEAST_SAMPLE_BYTES));
  return Math.min(1, wantedBytes / Math.max(1, totalBytes));
}

/** Deterministic chance (mulberry32), 0 to below 1: every invocation of a verify draws the same order from its seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The items in an order that chance decides (Fisher and Yates). `random` gives 0 to below 1. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
