/** Readable distances between the lines of a chart, in ascending order. */
export type AxisSteps = readonly number[];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DURATION_STEPS: AxisSteps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];
export const BYTE_STEPS: AxisSteps = Array.from({ length: 51 }, (_, power) => 2 ** power);
export const COUNT_STEPS: AxisSteps = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power))
  .flat();

/** Lines from 0 to at least `most`, at most five. */
export function axisTicks(most: number, steps: AxisSteps): number[] {
  const step = steps.find((candidate) => most / candidate <= 4) ?? most;
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, index) => index * step);
}
