import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Database, Session } from "../database.ts";
import { asLifeboatError } from "../errors.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { abortAbandonedUploads } from "./abandoned_uploads.ts";
import { copyQueue } from "./copy_queue.ts";
import { mediaDetailsOf, readManifestHead, readUnread } from "./media_figures.ts";
import { outcomeOf } from "./media_outcome.ts";
import { closePoint, isNewestPoint, noteR2, readOutcome } from "./media_point.ts";
import { createMediaProgress } from "./media_progress.ts";
import { createMediaQueue } from "./media_queue.ts";
import { PartMemory } from "./part_memory.ts";
import { listMediaObjects, readObjectList } from "./object_list.ts";
import { writeNewestR2Inventory, writeR2Inventory } from "./r2_inventory.ts";
import { defaultR2Sources, type R2Source } from "./r2_sources.ts";
import type { StorageSource } from "./storage_source.ts";
import { writeMediaManifest, writeNewestManifest } from "./write_manifest.ts";

export interface MediaDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly source: StorageSource;
  readonly checksums: Checksums;
  readonly clock: Clock;
  /** The R2 bucket, where its credentials are known. */
  readonly r2?: ObjectStore;
}

export interface MediaSettings {
  readonly project: string;
  /** Only these buckets. All of them when absent or empty. */
  readonly buckets?: readonly string[];
  /** Objects copied at once. Default 6. */
  readonly concurrency?: number;
  /** Buffers for bytes under way. Default 15 MiB; Deno takes about three times that, as it copies what it sends. */
  readonly maxBytesInFlight?: number;
  /** Objects above this go in parts of this size. Default 5 MiB, the least that S3 takes. */
  readonly partSizeBytes?: number;
  /** Absent: the default sources. Empty: no inventory. */
  readonly r2Sources?: readonly R2Source[];
}

const mebibyte = 1024 * 1024;

/**
 * Copies the objects of a recovery point and writes its media manifest. Each step is an effect that may be repeated and
 * then a checkpoint in `lifeboat`, so a run that is started again for the same point continues where the last one
 * stopped, and one for a closed point answers what was answered then.
 *
 * Throws what nobody's single object is to blame for: `store_refused`, `bucket_missing`, `store_unavailable`,
 * `source_refused`, `source_unavailable`, `database_*`, `run_cancelled`, `run_taken_over`, `storage_absent`,
 * `media_manifest_differs`.
 */
export async function backupMedia(
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
): Promise<RunOutcome> {
  const session = await dependencies.database.connect({ applicationName: "lifeboat media" }, run.signal);
  try {
    await session.query(sessionSettings, undefined, run.signal);
    const known = await readOutcome(session, run.recoveryPoint, run.signal);
    if (known) return known;
    await listPoint(session, settings, run);
    const warnings = await abortAbandonedUploads(session, dependencies.store, run);
    await copyPoint(session, dependencies, settings, run);
    return await finishPoint(session, dependencies, settings, run, warnings);
  } finally {
    await session.close();
  }
}

/** Hosted Supabase ends statements after two minutes; an error is better than rows that a policy hides. */
const sessionSettings = `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = 0;
  set search_path = ''; set timezone = 'UTC'; set row_security = off`;

/** The dump wrote the list in its own snapshot; a media run without a dump writes it now. */
async function listPoint(session: Session, settings: MediaSettings, run: Run): Promise<void> {
  run.report({ phase: "listing" });
  if (await readObjectList(session, run.recoveryPoint, run.signal)) return;
  await session.query("begin isolation level repeatable read", undefined, run.signal);
  await listMediaObjects(session, { recoveryPoint: run.recoveryPoint, buckets: settings.buckets }, run.signal);
  await session.query("commit", undefined, run.signal);
}

async function copyPoint(
  session: Session,
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
): Promise<void> {
  const queue = createMediaQueue(session, run.recoveryPoint, run.epoch, run.signal);
  await queue.link();
  const partBytes = settings.partSizeBytes ?? 5 * mebibyte;
  const progress = await createMediaProgress(session, run);
  await copyQueue(
    {
      ...dependencies,
      session,
      queue,
      run,
      partBytes,
      memory: new PartMemory(settings.maxBytesInFlight ?? 15 * mebibyte),
    },
    settings.concurrency ?? 6,
    progress,
  );
}

/** Everything that is written once no object is left: inventory, manifest, and the copies of both for people. */
async function finishPoint(
  session: Session,
  dependencies: MediaDependencies,
  settings: MediaSettings,
  run: Run,
  earlier: readonly string[],
): Promise<RunOutcome> {
  const context = { ...dependencies, session };
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

  const warnings = [...earlier];
  if (await isNewestPoint(session, recoveryPoint, signal)) {
    warnings.push(...await told(() => writeNewestManifest(context, head, signal), signal));
    const { r2 } = head;
    if (r2) warnings.push(...await told(() => writeNewestR2Inventory(context.store, r2.key, signal), signal));
  }
  if (head.r2?.reconcile.status === "failed") {
    warnings.push(`R2 could not be listed, so the inventory was not compared with it: ${head.r2.reconcile.message}`);
  }
  const figures = await readUnread(session, recoveryPoint, signal);
  const details = await mediaDetailsOf(session, head, warnings, signal);
  const outcome = outcomeOf(head, manifest, figures.copiedBytes, figures.unread, details);
  await closePoint(session, recoveryPoint, outcome, signal);
  return outcome;
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
