import { type Sample, summarise, type Summary } from "./sample.ts";

/** A tool whose work is measured. */
export interface Contestant {
  readonly name: string;
  /** What the tool does, so that readers can judge whether the work is comparable. */
  readonly does: string;
  /** Why the tool does not take part. If set, `run` is not called. */
  readonly absent?: string;
  run(): Promise<Sample>;
}

export interface Result {
  readonly name: string;
  readonly does: string;
  readonly absent?: string;
  readonly median?: Summary;
  /** Wall clock and CPU (of the tool, PostgreSQL and the S3 server) as a share of the reference's. */
  readonly ofReference?: { readonly wall: number; readonly cpu: number };
}

/**
 * Runs all tools in turn, round by round, so that changes on the machine affect all of them alike. Results are compared
 * with those of the tool named `reference`.
 */
export async function contest(
  contestants: readonly Contestant[],
  rounds: number,
  reference: string,
  say: (line: string) => void,
): Promise<Result[]> {
  const samples = new Map<string, Sample[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const { name, absent, run } of contestants) {
      if (absent !== undefined) continue;
      const sample = await run();
      samples.set(name, [...samples.get(name) ?? [], sample]);
      say(`round ${round}: ${name}: ${sample.wallSeconds.toFixed(2)} s`);
    }
  }
  const medians = new Map([...samples].map(([name, taken]) => [name, summarise(taken)]));
  const compared = medians.get(reference);
  return contestants.map(({ name, does, absent }) => {
    const median = medians.get(name);
    return {
      name,
      does,
      ...absent !== undefined && { absent },
      ...median && { median },
      ...median && compared && name !== reference && {
        ofReference: {
          wall: Math.round(median.wallSeconds / compared.wallSeconds * 100) / 100,
          cpu: Math.round(allCpu(median) / allCpu(compared) * 100) / 100,
        },
      },
    };
  });
}

function allCpu({ cpuSeconds, databaseCpuSeconds, storeCpuSeconds }: Sample): number {
  return cpuSeconds + databaseCpuSeconds + storeCpuSeconds;
}
