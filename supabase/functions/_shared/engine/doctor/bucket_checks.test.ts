import { deepStrictEqual, match } from "node:assert/strict";
import { LifeboatError } from "../errors.ts";
import { type BucketSettings, checkBucket, type ExpiryRule } from "./bucket_checks.ts";

const now = new Date("2026-11-21T02:17:00Z");
const clock = { now: () => now, sleep: () => Promise.resolve() };

function bucket(changes: Partial<BucketSettings> = {}): BucketSettings {
  return {
    clock: () => Promise.resolve(now),
    versioning: () => Promise.resolve("on"),
    expiryRules: () => Promise.resolve([]),
    ...changes,
  };
}

async function verdictOf(check: string, settings: BucketSettings, prefix = ""): Promise<string> {
  const found = await checkBucket(settings, prefix, clock);
  return found.find((finding) => finding.check === check)!.verdict;
}

Deno.test("a bucket that keeps versions, has no rules and the right time is in order", async () => {
  const found = await checkBucket(bucket(), "", clock);
  deepStrictEqual(found.map(({ verdict }) => verdict), ["ok", "ok", "ok"]);
});

Deno.test("a rule that may remove files that points rest on is warned of, whatever its prefix is", async () => {
  const verdict = (prefix: string, keyPrefix = "") => {
    const rule: ExpiryRule = { id: "sample", prefix, removes: "objects" };
    return verdictOf("bucket.lifecycle", bucket({ expiryRules: () => Promise.resolve([rule]) }), keyPrefix);
  };
  deepStrictEqual(await verdict(""), "warning");
  deepStrictEqual(await verdict("media-"), "warning");
  deepStrictEqual(await verdict("media-archive/photos/"), "warning");
  deepStrictEqual(await verdict("backups/"), "ok");
  deepStrictEqual(await verdict("media-backups/", "clients/one/"), "ok");
  deepStrictEqual(await verdict("clients/", "clients/one/"), "warning");
  deepStrictEqual(await verdict("clients/two/", "clients/one/"), "ok");
});

Deno.test("a clock that is off by more than a minute is reported with its direction", async () => {
  const at = (seconds: number) => bucket({ clock: () => Promise.resolve(new Date(now.getTime() + seconds * 1_000)) });
  deepStrictEqual(await verdictOf("bucket.clock", at(50)), "ok");
  const [ahead] = await checkBucket(at(600), "", clock);
  match(ahead.message, /600 s ahead of/);
  const [behind] = await checkBucket(at(-600), "", clock);
  match(behind.message, /599 s behind/);
});

Deno.test("what may not be asked is unknown, and unknown is neither in order nor broken", async () => {
  const refused = () =>
    Promise.reject(
      new LifeboatError({
        code: "store_refused",
        kind: "refused",
        message: "The bucket refused.",
        hint: "Ask nicely.",
      }),
    );
  deepStrictEqual(await verdictOf("bucket.versioning", bucket({ versioning: refused })), "warning");
  deepStrictEqual(await verdictOf("bucket.lifecycle", bucket({ expiryRules: refused })), "warning");
  deepStrictEqual(await verdictOf("bucket.clock", bucket({ clock: refused })), "broken");
});
