import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  type LifecycleRule,
} from "@aws-sdk/client-s3";
import type { BucketSettings, ExpiryRule } from "../../engine/doctor/mod.ts";
import { createS3Client } from "./client.ts";
import { S3Connection } from "./connection.ts";
import { otherFailure } from "./failures.ts";
import { locateBucket, type S3Settings } from "./settings.ts";

/** Reads the settings of a bucket. The key needs s3:GetBucketVersioning and s3:GetLifecycleConfiguration. */
export function createS3BucketSettings(settings: S3Settings): BucketSettings {
  const location = locateBucket(settings);
  const connection = new S3Connection(settings, location);
  const client = createS3Client(settings, location);
  const Bucket = settings.bucket;
  return {
    clock: (signal) =>
      connection.ask({ operation: "s3.clock" }, signal, async (abortSignal) => {
        // The request is not signed, since a refusal has a Date header, too.
        const answer = await fetch(location.bucketUrl, { method: "HEAD", redirect: "manual", signal: abortSignal });
        await answer.body?.cancel();
        const date = new Date(answer.headers.get("date") ?? "");
        if (Number.isNaN(date.getTime())) throw otherFailure("the answer has no Date", "s3.clock", Bucket);
        return date;
      }),
    versioning: (signal) =>
      connection.ask({ operation: "s3.versioning", subject: Bucket }, signal, async (abortSignal) => {
        const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal });
        return Status === "Enabled" ? "on" : Status === "Suspended" ? "suspended" : "off";
      }),
    expiryRules: (signal) =>
      connection.ask({ operation: "s3.lifecycle", subject: Bucket }, signal, async (abortSignal) => {
        try {
          const answer = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), { abortSignal });
          return (answer.Rules ?? []).flatMap(expiryOf);
        } catch (error) {
          // S3 answers with this error when the bucket has no rules.
          if (error instanceof Error && error.name === "NoSuchLifecycleConfiguration") return [];
          throw error;
        }
      }),
  };
}

/** Names what a lifecycle rule removes. Filters by tag or size are ignored, so that a rule which might hit a backup is reported. */
function expiryOf(rule: LifecycleRule): ExpiryRule[] {
  if (rule.Status !== "Enabled") return [];
  const id = rule.ID ?? "without name";
  const prefix = rule.Filter?.And?.Prefix ?? rule.Filter?.Prefix ?? rule.Prefix ?? "";
  // ExpiredObjectDeleteMarker does not count, because it removes delete markers only.
  const expires = rule.Expiration?.Days !== undefined || rule.Expiration?.Date !== undefined;
  return [
    ...expires ? [{ id, prefix, removes: "objects" as const }] : [],
    ...rule.NoncurrentVersionExpiration ? [{ id, prefix, removes: "old versions" as const }] : [],
  ];
}
