/** How much is to be looked at: every byte as far as the budget reaches, or a share of them. */
export interface VerifyCoverage {
  readonly coverage: "deep" | "sample";
  /** Share of the bytes to read, 0 to 100. Absent: 5, but at least 20 MB of the dump and of the files each. */
  readonly samplePercent?: number;
}

const DEFAULT_PERCENT = 5;
const LEAST_SAMPLE_BYTES = 20_000_000;

/** The share of `totalBytes` that is to be read, 0 to 1. */
export function sampleShare({ coverage, samplePercent }: VerifyCoverage, totalBytes: number): number {
  if (coverage === "deep") return 1;
  if (samplePercent !== undefined) return samplePercent / 100;
  return Math.min(1, Math.max(DEFAULT_PERCENT / 100, LEAST_SAMPLE_BYTES / Math.max(1, totalBytes)));
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
