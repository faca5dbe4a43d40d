import type { Clock } from "../clock.ts";
import { ARCHIVE_PREFIX, MEDIA_PREFIX } from "../format/keys.ts";
import { clockFinding } from "./clock_finding.ts";
import { examine, type Finding, ok, warning } from "./finding.ts";

/** An enabled rule of the bucket that removes objects by age. */
export interface ExpiryRule {
  readonly id: string;
  /** The rule removes keys with this prefix; empty for the whole bucket. */
  readonly prefix: string;
  /** Whether it removes the objects themselves or only their older versions. */
  readonly removes: "objects" | "old versions";
}

/** Reads the settings of a bucket. Each method throws the errors of `ObjectStore`. */
export interface BucketSettings {
  /** The store's time, as the Date header of an answer gives it. */
  clock(signal?: AbortSignal): Promise<Date>;
  versioning(signal?: AbortSignal): Promise<"on" | "suspended" | "off">;
  expiryRules(signal?: AbortSignal): Promise<readonly ExpiryRule[]>;
}

/** Checks that the bucket keeps everything that recovery points need. `keyPrefix` is S3_PREFIX. */
export async function checkBucket(
  bucket: BucketSettings,
  keyPrefix: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Finding[]> {
  return [
    ...await examine("bucket.clock", async () => {
      const before = clock.now();
      return clockFinding("bucket.clock", "The store's", await bucket.clock(signal), before, clock.now());
    }, signal),
    ...await unlessUnknown("bucket.versioning", async () => {
      const versioning = await bucket.versioning(signal);
      if (versioning === "on") return ok("bucket.versioning", "The bucket keeps versions.");
      return warning(
        "bucket.versioning",
        `Versioning is ${versioning}: whoever holds the key can overwrite backups for good.`,
        "Switch versioning on; Lifeboat itself keeps older copies of files under media-archive/ either way.",
      );
    }, signal),
    ...await unlessUnknown("bucket.lifecycle", async () => {
      const harmful = (await bucket.expiryRules(signal)).filter((rule) => coversMedia(rule, keyPrefix));
      if (harmful.length === 0) return ok("bucket.lifecycle", "No lifecycle rule removes files that points rest on.");
      const rules = harmful.map(({ id, removes }) => `"${id}" (${removes})`).join(", ");
      return warning(
        "bucket.lifecycle",
        `Lifecycle rules remove by age what every recovery point shares, in ${MEDIA_PREFIX} or ${ARCHIVE_PREFIX}: ${rules}.`,
        "Limit those rules to other prefixes. A file that has not changed for years is as old as its only copy.",
      );
    }, signal),
  ];
}

/**
 * Turns `broken` into a warning. A key for backups may lack the permission to read the bucket's settings, and some
 * providers have no such settings, so a failure does not mean that backups cannot work.
 */
async function unlessUnknown(
  check: string,
  work: () => Promise<Finding>,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = await examine(check, work, signal);
  return findings.map((finding) =>
    finding.verdict === "broken"
      ? warning(check, `It could not be checked: ${finding.message}`, "Look it up in the provider's console.")
      : finding
  );
}

function coversMedia({ prefix }: ExpiryRule, keyPrefix: string): boolean {
  return [MEDIA_PREFIX, ARCHIVE_PREFIX].map((folder) => keyPrefix + folder)
    .some((folder) => folder.startsWith(prefix) || prefix.startsWith(folder));
}
