import type { Session } from "../database.ts";
import { asLifeboatError } from "../errors.ts";
import type { Budget } from "../run/budget.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { MediaDependencies, MediaSettings } from "./media_settings.ts";
import { writeMediaManifest } from "./manifest_writer.ts";
import { mediaDetailsOf, readManifestHead, readUnread } from "./media_figures.ts";
import { outcomeOf } from "./media_outcome.ts";
import { closePoint, isNewestPoint, noteR2, readWarnings } from "./media_point.ts";
import { writeNewestManifest } from "./newest_manifest.ts";
import { writeNewestR2Inventory, writeR2Inventory } from "./r2_inventory.ts";
import { defaultR2Sources } from "./r2_sources.ts";

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
  const sources = settings.r2Sources ?? defaultR2Sources;
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
    warnings.push(...await told(() => writeNewestManifest(context, head, manifest.key, signal), signal));
    const { r2 } = head;
    if (r2) warnings.push(...await told(() => writeNewestR2Inventory(context.store, r2.key, signal), signal));
  }
  if (head.r2?.reconcile.status === "failed") {
    warnings.push(`R2 could not be listed, so the inventory was not compared with it: ${head.r2.reconcile.message}`);
  }
  const figures = await readUnread(session, recoveryPoint, signal);
  const details = await mediaDetailsOf(session, head, warnings, signal);
  const outcome = outcomeOf(head, manifest, figures.copiedBytes, figures.unread, details);
  return await closePoint(session, recoveryPoint, context.finisher, outcome, signal) ? outcome : undefined;
}

/** The copies for people are no part of the backup: one that cannot be written is a warning. */
async function told(write: () => Promise<void>, signal: AbortSignal): Promise<string[]> {
  try {
    await write();
    return [];
  } catch (error) {
    signal.throwIfAborted();
    const failure = asLifeboatError(error, "media.newest");
    return [`The backup is whole, but a copy of its lists for people is not up to date: ${failure.message}`];
  }
}
