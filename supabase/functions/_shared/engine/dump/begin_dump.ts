import type { Session } from "../database.ts";
import { asLifeboatError, LifeboatError } from "../errors.ts";
import { GUIDE_KEY } from "../format/keys.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { LeftRun } from "../run/run_store.ts";
import { claimOwnership, presentMarker } from "../store/ownership.ts";
import type { ClaimedStep } from "./claim_step.ts";
import { DocumentWork } from "./document_work.ts";
import type { DumpChain } from "./dump_chain.ts";
import { describeDump, storeManifest } from "./dump_manifest.ts";
import { dumpOutcomeOf } from "./dump_outcome.ts";
import type { DumpDependencies, DumpSettings } from "./dump_settings.ts";
import type { DumpDone } from "./dump_state.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";

/**
 * Called with the snapshot while it is open, to read more of the same moment in another session (the object list). What
 * it throws becomes a warning of the run.
 */
export type SnapshotReader = (snapshotId: string, signal: AbortSignal) => Promise<void>;

const NOTHING_BEFORE: DumpDone = { members: [], parts: [], tables: [], ledger: [] };

export interface BeginDumpOptions {
  readonly readSnapshot?: SnapshotReader;
  /** What the run is to warn of already. */
  readonly warnings?: readonly string[];
  /** Lets the rest be left to other invocations. */
  readonly chain?: DumpChain | undefined;
}

/**
 * Writes one recovery point's dump and, when that lies in the bucket whole, its manifest; with a chain it may leave the
 * rest to another invocation. Returns an outcome only on positive proof: every count equal to one of its own, the stored
 * size equal to the bytes sent. Throws LifeboatErrors; nothing that was stored before is touched, and without its manifest
 * a half-written dump is no backup. The parts of its upload are remembered with the run, for whoever ends it to give back.
 */
export async function beginDump(
  dependencies: DumpDependencies,
  settings: DumpSettings,
  run: Run,
  { readSnapshot, chain, warnings: known = [] }: BeginDumpOptions,
): Promise<RunOutcome | LeftRun> {
  const { database, store, clock } = dependencies;
  const { signal } = run;
  const warnings = [...known];
  run.report({ phase: "preparing" });
  const owner = { project: run.project, projectUrl: settings.projectUrl };
  const marker = await claimOwnership(store, owner, clock.now(), signal);
  await store.put(GUIDE_KEY, new TextEncoder().encode(settings.recoveryGuide), {
    contentType: "text/markdown; charset=utf-8",
  }, signal);

  const snapshot = await openSnapshot(database, settings.scope, settings.lockTimeoutMs, signal);
  const readers: Session[] = [];
  try {
    await chain?.begin(snapshot);
    if (readSnapshot) {
      await readSnapshot(snapshot.snapshotId, signal).catch((error) => {
        if (signal.aborted) throw error;
        warnings.push(`The list of files could not be read in the dump's snapshot: ${asLifeboatError(error).message}`);
      });
    }
    // Loaded here: an invocation that goes on with a dump needs nothing that exports a schema, forty files of these.
    const { beginDocument } = await import("./begin_document.ts");
    const work = await beginDocument(dependencies, settings, run, snapshot, marker, warnings);
    const { jobs = 1, lockTimeoutMs } = settings;
    let ahead: ReadAhead | undefined;
    if (jobs > 1) {
      const { openReaders, ReadAhead } = await import("./read_ahead.ts");
      readers.push(...await openReaders(database, snapshot, jobs, lockTimeoutMs, signal));
      ahead = new ReadAhead(readers);
    }
    return await writeDocument(dependencies, run, work, snapshot, chain, ahead);
  } finally {
    await Promise.all([snapshot.session, ...readers].map((session) => session.close()));
  }
}

/**
 * Goes on with a dump where the invocation before has left it. Otherwise as `beginDump`. Throws `destination_changed` when
 * the functions were given another bucket meanwhile, where the rest of the dump would lie alone.
 */
export async function continueDump(
  dependencies: DumpDependencies,
  claimed: ClaimedStep,
  chain: DumpChain,
): Promise<RunOutcome | LeftRun> {
  const { run, snapshot, frame, position } = claimed;
  try {
    if (await presentMarker(dependencies.store, run.signal) !== frame.marker) throw destinationChanged(run);
    const sha256 = await dependencies.checksums.resumableSha256(position.sha256);
    const work = new DocumentWork(dependencies, run, frame, sha256, claimed);
    return await writeDocument(dependencies, run, work, snapshot, chain);
  } catch (error) {
    // Another invocation goes on from the last checkpoint, so the error that ended this one is no failure of the run.
    if (await chain.giveBack(error)) return { left: undefined };
    throw error;
  } finally {
    await snapshot.session.close();
  }
}

async function writeDocument(
  dependencies: DumpDependencies,
  run: Run,
  work: DocumentWork,
  snapshot: Omit<Snapshot, "catalogue">,
  chain?: DumpChain,
  ahead?: ReadAhead,
): Promise<RunOutcome | LeftRun> {
  if (work.finishedAt === null && !await work.writeRows(snapshot.session, chain?.budget, ahead)) {
    await chain!.checkpoint(work.checkpoint);
    return await chain!.handOver(snapshot);
  }
  const before = chain?.continued ? await chain.readDone() : NOTHING_BEFORE;
  if (work.finishedAt === null) {
    await work.writeTail(before.ledger, dependencies.clock.now());
    if (chain?.continued) {
      await work.sendRest();
      await chain.checkpoint(work.checkpoint);
    }
  }
  const stored = await work.store(dependencies.store, before);
  const manifest = describeDump(dependencies, run, work, before, stored);
  const manifestKey = await storeManifest(dependencies, manifest, run);
  return dumpOutcomeOf(manifest, manifestKey, work.frame.warnings);
}

function destinationChanged({ id }: Run): LifeboatError {
  return new LifeboatError({
    code: "destination_changed",
    kind: "conflict",
    message: "The functions' settings lead to another bucket than the one in which this dump was begun.",
    hint: "Another dump is started by itself. Parts left in the bucket before fall to its lifecycle rule for uploads.",
    operation: "dump.continue",
    subject: id,
  });
}
