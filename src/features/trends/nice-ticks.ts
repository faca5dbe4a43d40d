/** Three or four round values from 0 to at least `most`; round in powers of two when `binary`. */
export function niceTicks(most: number, binary: boolean): number[] {
  const base = binary ? 2 : 10;
  const steps = binary ? [1] : [1, 2, 5];
  const wanted = Math.max(most, base) / 4;
  const power = base ** Math.floor(Math.log(wanted) / Math.log(base));
  const step = [...steps.map((factor) => factor * power), base * power].find((candidate) => candidate >= wanted) ??
    wanted;
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
