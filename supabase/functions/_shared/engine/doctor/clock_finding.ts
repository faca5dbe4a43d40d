import { type Finding, ok, warning } from "./finding.ts";

/**
 * S3 refuses signatures whose time is 15 minutes off; a difference of one minute already makes histories hard to read.
 */
const TOLERATED_MS = 60_000;

/** Compares another clock with this machine's, which was read right before (`before`) and right after (`after`). */
export function clockFinding(check: string, whose: string, theirs: Date, before: Date, after: Date): Finding {
  // A Date header drops fractions of a second, so the other clock may be up to a second later than it says.
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
