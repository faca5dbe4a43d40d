import type { LedgerEntry, MediaDetails } from "../../contract/mod.ts";
import type { RunOutcome } from "../run/run.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import type { WrittenManifest } from "./adopt_manifest.ts";

/** How the run ended: `partial` when something that the owner expects is not there, and then it says what. */
export function outcomeOf(
  head: MediaManifestHead,
  manifest: WrittenManifest,
  copiedBytes: number,
  unread: number,
  details: MediaDetails,
): RunOutcome {
  const missing = head.ledger.filter((entry) => entry.severity === "missing");
  const figures = {
    s3Key: manifest.key,
    manifestKey: manifest.key,
    bytes: copiedBytes,
    rawBytes: head.totals.bytes,
    files: head.totals.files,
    skipped: head.totals.skipped,
    checksum: manifest.checksum,
    details: { ...details },
  };
  if (missing.length === 0 && unread === 0) return { status: "success", ...figures };
  return { status: "partial", ...figures, ...explain(missing, unread) };
}

function explain(missing: readonly LedgerEntry[], unread: number) {
  const buckets = missing.filter((entry) => entry.kind === "bucket").map((entry) => `"${entry.identity}"`);
  const tables = missing.filter((entry) => entry.kind !== "bucket").map((entry) => `"${entry.identity}"`);
  const parts = [
    ...(buckets.length > 0
      ? [{
        code: "bucket_not_found",
        message: `The project has no bucket ${buckets.join(", ")}.`,
        hint: "Correct BACKUP_BUCKETS, or create the bucket.",
      }]
      : []),
    ...(unread > 0
      ? [{
        code: "objects_skipped",
        message: `${unread} ${unread === 1 ? "file" : "files"} could not be copied.`,
        hint: "The details of the run name each of them and why; the next run tries again.",
      }]
      : []),
    ...(tables.length > 0
      ? [{
        code: "r2_source_unreadable",
        message: `The R2 inventory lacks what ${tables.join(", ")} would say.`,
        hint: "Let the database role of the backup read the table.",
      }]
      : []),
  ];
  return {
    errorCode: parts.length === 1 ? parts[0].code : "media_incomplete",
    errorMessage: parts.map((part) => part.message).join(" "),
    errorHint: parts.map((part) => part.hint).join(" "),
  };
}
