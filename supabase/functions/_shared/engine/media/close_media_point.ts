import type { LedgerEntry, MediaDetails } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { asLifeboatError } from "../errors.ts";
import type { MediaManifestHead } from "../format/media_manifest.ts";
import type { Budget } from "../run/budget.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { WrittenManifest } from "./adopt_manifest.ts";
import type { MediaDependencies, MediaSettings } from "./media_settings.ts";
import { writeMediaManifest } from "./manifest_writer.ts";
import { mediaDetailsOf, readManifestHead, readUnread } from "./media_figures.ts";
import { closePoint, isNewestPoint, noteR2, readWarnings } from "./media_point.ts";
import { writeNewestManifest } from "./newest_manifest.ts";
import { writeNewestR2Inventory, writeR2Inventory } from "./r2_inventory.ts";
import { DEFAULT_R2_SOURCES } from "./r2_sources.ts";

/**
 * Everything that is written once no object is left: inventory, manifest, and the copies of both for people. Undefined
 * when the budget was spent before the end of the manifest, or the point is not ours to close any more: another invocation
 * goes on, or finds it closed.
 */
export async function closeMediaPoint(
  context: MediaDependencies & { readonly session: Session; readonly budget: Budget; readonly finisher: string },
  settings: MediaSettings,
  run: Run,
): Promise<RunOutcome | undefined> {
  const { session } = context;
  const { recoveryPoint, signal } = run;
  const sources = settings.r2Sources ?? DEFAULT_R2_SOURCES;
  let head = await readManifestHead(session, settings.project, recoveryPoint, signal);
  if (head.r2 === null && sources.length > 0) {
    run.report({ phase: "r2" });
    await noteR2(session, recoveryPoint, await writeR2Inventory(context, sources, run), signal);
    head = await readManifestHead(session, settings.project, recoveryPoint, signal);
  }
  run.report({ phase: "manifest" });
  const manifest = await writeMediaManifest(context, head, run);
  if (!manifest) return undefined;

  const warnings = await readWarnings(session, recoveryPoint, signal);
  if (await isNewestPoint(session, recoveryPoint, signal)) {
    warnings.push(...await asWarning(() => writeNewestManifest(context, head, manifest.key, signal), signal));
    const { r2 } = head;
    if (r2) warnings.push(...await asWarning(() => writeNewestR2Inventory(context.store, r2.key, signal), signal));
  }
  if (head.r2?.reconcile.status === "failed") {
    warnings.push(`R2 could not be listed, so the inventory was not compared with it: ${head.r2.reconcile.message}`);
  }
  const figures = await readUnread(session, recoveryPoint, signal);
  const details = await mediaDetailsOf(session, head, warnings, signal);
  const outcome = mediaOutcomeOf(head, manifest, figures.copiedBytes, figures.unread, details);
  return await closePoint(session, recoveryPoint, context.finisher, outcome, signal) ? outcome : undefined;
}

/** The copies for people are no part of the backup: one that cannot be written is a warning. */
async function asWarning(write: () => Promise<void>, signal: AbortSignal): Promise<string[]> {
  try {
    await write();
    return [];
  } catch (error) {
    signal.throwIfAborted();
    const failure = asLifeboatError(error, "media.newest");
    return [`The backup is whole, but a copy of its lists for people is not up to date: ${failure.message}`];
  }
}

/** How the run ended: `partial` when something that the owner expects is not there, and then it says what. */
function mediaOutcomeOf(
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
