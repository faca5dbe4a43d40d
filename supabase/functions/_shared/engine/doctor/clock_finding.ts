import { type Finding, ok, warning } from "./finding.ts";

/** S3 refuses signatures that are 15 minutes off; already one minute makes histories hard to read. */
const TOLERATED_MS = 60_000;

/** Compares another clock with ours, which is read right before and right after asking the other. */
export function clockFinding(check: string, whose: string, theirs: Date, before: Date, after: Date): Finding {
  // Date headers are cut to the second.
  const early = theirs.getTime() + 1_000 - before.getTime();
  const late = theirs.getTime() - after.getTime();
  const skewMs = early < 0 ? early : late > 0 ? late : 0;
  if (Math.abs(skewMs) <= TOLERATED_MS) return ok(check, `${whose} clock agrees with this machine's.`);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return warning(
    check,
    `${whose} clock is ${seconds} s ${skewMs < 0 ? "behind" : "ahead of"} this machine's.`,
    "Set this machine's clock by NTP; S3 refuses requests that are 15 minutes off.",
  );
}
