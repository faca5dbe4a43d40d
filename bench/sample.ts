/** One measurement of one tool. */
export interface Sample {
  readonly wallSeconds: number;
  /** User and system time of the tool's own processes. */
  readonly cpuSeconds: number;
  /** CPU of PostgreSQL for the tool, since a tool may leave work to the server. */
  readonly databaseCpuSeconds: number;
  /** CPU of the S3 server for the tool; 0 when the tool wrote a file. */
  readonly storeCpuSeconds: number;
  /** Largest memory of its processes together. */
  readonly peakMegabytes: number;
  /** Size of the backup that it made, in MiB. */
  readonly outputMebibytes?: number;
  /** Figures that the tool itself reports, for example JSON in MiB. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** The median of each figure, with smallest and largest wall clock. */
export interface Summary extends Sample {
  readonly rounds: number;
  readonly wallSecondsRange: readonly [number, number];
}

export function summarise(samples: readonly Sample[]): Summary {
  const walls = samples.map(({ wallSeconds }) => wallSeconds);
  const of = (read: (sample: Sample) => number) => rounded(median(samples.map(read)));
  const names = Object.keys(samples[0].figures ?? {});
  return {
    rounds: samples.length,
    wallSeconds: of((sample) => sample.wallSeconds),
    wallSecondsRange: [rounded(Math.min(...walls)), rounded(Math.max(...walls))],
    cpuSeconds: of((sample) => sample.cpuSeconds),
    databaseCpuSeconds: of((sample) => sample.databaseCpuSeconds),
    storeCpuSeconds: of((sample) => sample.storeCpuSeconds),
    peakMegabytes: of((sample) => sample.peakMegabytes),
    ...samples[0].outputMebibytes !== undefined && { outputMebibytes: of((sample) => sample.outputMebibytes!) },
    ...names.length > 0 &&
      { figures: Object.fromEntries(names.map((name) => [name, of((sample) => sample.figures![name])])) },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Rounds to four digits, since further ones are not reproducible. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4));
}
