import { sha256Hex } from "../checksum.ts";
import type { BackupHistoryRow } from "../../contract/mod.ts";
import type { FilesPosition } from "../../contract/verify_steps.ts";
import { eachAtOnce } from "../each_at_once.ts";
import { mediaManifestKey } from "../format/keys.ts";
import type { ManifestObject, MediaManifestHead } from "../format/media_manifest.ts";
import { hasOwnKeys } from "../format/own_keys.ts";
import { ListingCursor } from "../points/listing_cursor.ts";
import { MediaManifestDamage, type MediaManifestReading, readMediaManifest } from "../points/read_media_manifest.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ListedObject } from "../store/object_store.ts";
import { checkInventory } from "./check_inventory.ts";
import { checkObject, isReadable, objectThing, readingCost } from "./check_object.ts";
import { pointChanged } from "./point_changed.ts";
import { isStored } from "./point_record.ts";
import { sampleShare } from "./sampling.ts";
import type { VerifyContext } from "./verify_context.ts";
import { WORK } from "./work.ts";

/** Where the check of the files stands. */
export interface FilesStep {
  readonly files: FilesPosition;
  /** False when the budget was spent before the last file. */
  readonly done: boolean;
}

/** What the damage lists call the manifest. */
const MANIFEST = "the media manifest";

/**
 * Checks the files of a recovery point: each one's presence, size and version, and of a share every byte. `before` is
 * where the invocation before stopped; at least one file is looked at, so that each gets further. Throws what the store
 * throws when it does not answer, `point_changed` and `format_unknown`.
 */
export async function checkMedia(
  context: VerifyContext,
  row: BackupHistoryRow | null,
  before: FilesPosition | null,
): Promise<FilesStep> {
  const { dependencies, findings, run } = context;
  const beginning = before ?? beginningOf(row);
  const thing = { half: "media", key: mediaManifestKey(run.project, run.recoveryPoint), what: MANIFEST } as const;
  const stored = await fetchManifest(context, thing.key, row, before);
  if (stored === undefined) return { files: beginning, done: true };
  if (stored === "left out") return { files: { ...beginning, looked: false }, done: true };
  const { bytes, etag } = stored;
  try {
    if (row?.checksum && `sha256:${sha256Hex(dependencies.checksums, bytes)}` !== row.checksum) {
      throw new MediaManifestDamage("its bytes are not those that were stored (SHA-256)");
    }
    const manifest = await readMediaManifest(bytes, thing.key, beginning.next);
    const { project, recoveryPoint } = manifest.head;
    if (project !== run.project || recoveryPoint !== run.recoveryPoint) {
      findings.add({ ...thing, code: "manifest_foreign", reason: "it says that it belongs to another recovery point" });
      return { files: beginning, done: true };
    }
    if (!before) await checkInventory(context, manifest.head);
    const step = await checkObjects(context, manifest, { ...beginning, manifest: etag });
    if (step.done) findings.checkedAll(thing.key);
    return step;
  } catch (error) {
    if (!(error instanceof MediaManifestDamage)) throw error;
    findings.add({ ...thing, code: "manifest_damaged", reason: error.message });
    return { files: beginning, done: true };
  }
}

/** Until the manifest was read, the history says how many files there are. */
function beginningOf(row: BackupHistoryRow | null): FilesPosition {
  return {
    manifest: null,
    next: 0,
    passedBytes: 0,
    lastKey: "",
    filesChecked: 0,
    filesRead: 0,
    filesTotal: Number(row?.files ?? 0),
    bytesRead: 0,
    bytesTotal: Number(row?.raw_bytes ?? 0),
    looked: true,
  };
}

/** Undefined when there is no manifest. That, and that it does not fit into memory, is noted. */
async function fetchManifest(
  { dependencies, findings, settings, budget, run }: VerifyContext,
  key: string,
  row: BackupHistoryRow | null,
  before: FilesPosition | null,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string } | "left out" | undefined> {
  const info = await headOrMissing(dependencies.store, key, undefined, run.signal);
  if (before && info?.etag !== before.manifest) throw pointChanged(key);
  if (!info) {
    const reason = "the store says that it is not there";
    if (isStored(row)) findings.add({ half: "media", key, what: MANIFEST, code: "object_missing", reason });
    else {
      findings.warnings.push("The files of this point have not been stored (yet), so only the database was checked.");
    }
    return undefined;
  }
  if (info.sizeBytes > settings.largestMediaManifestBytes) {
    findings.warnings.push(
      "The media manifest is too large for a worker, so no file was checked: use the command line.",
    );
    return "left out";
  }
  // Each invocation unpacks a manifest from its beginning. Half of the budget is for files all the same, else the last
  // thousands of a long one would be one file an invocation.
  budget.spend(Math.min(WORK.request + WORK.manifestByte * info.sizeBytes, budget.unitBytes * 4));
  const { body } = await dependencies.store.get(key, { ifMatch: info.etag }, run.signal);
  return { bytes: new Uint8Array(await new Response(body).arrayBuffer()), etag: info.etag };
}

const TOO_LARGE =
  "Some files are too large for a worker to read, so only their presence, size and version were checked: " +
  "use the command line.";

interface ChosenObject {
  readonly object: ManifestObject;
  readonly listed: ListedObject | undefined;
  readonly wholly: boolean;
}

async function checkObjects(
  context: VerifyContext,
  { head, objects }: MediaManifestReading,
  before: FilesPosition,
): Promise<FilesStep> {
  const { findings, run, settings } = context;
  const { files: filesTotal, bytes: bytesTotal } = head.totals;
  const passed = { next: before.next, passedBytes: before.passedBytes, lastKey: before.lastKey, all: false };
  let { filesChecked, filesRead, bytesRead } = before;
  await eachAtOnce(choose(context, head, objects, passed), settings.filesAtOnce, async ({ object, listed, wholly }) => {
    run.signal.throwIfAborted();
    const check = await checkObject(context, object, listed, wholly);
    filesChecked++;
    if (check === "read") {
      filesRead++;
      bytesRead += object.size;
    }
    if (check === "damaged") findings.damagedCopies.push({ s3Key: object.s3Key, s3ETag: object.s3ETag });
    run.report({ phase: "files", filesDone: filesChecked, filesTotal, bytesDone: bytesRead });
  });
  const { all, ...reached } = passed;
  if (all && (reached.next !== filesTotal || reached.passedBytes !== bytesTotal)) {
    throw new MediaManifestDamage(
      `it lists ${reached.next} files of ${reached.passedBytes} bytes, and says that there are ${filesTotal} of ${bytesTotal}`,
    );
  }
  const counts = { filesChecked, filesRead, filesTotal, bytesRead, bytesTotal };
  return { files: { ...before, ...reached, ...counts }, done: all };
}

/** The files from where the last invocation stopped, until the budget is spent; chance decides which are read. */
async function* choose(
  context: VerifyContext,
  { totals }: MediaManifestHead,
  objects: AsyncIterable<ManifestObject>,
  passed: { next: number; passedBytes: number; lastKey: string; all: boolean },
): AsyncGenerator<ChosenObject> {
  const { budget, dependencies, findings, request, run, settings } = context;
  const share = sampleShare(request, totals.bytes, settings.largestSampleBytes);
  const cursor = new ListingCursor(dependencies.store, run.signal, passed.lastKey);
  const first = passed.next;
  try {
    for await (const object of objects) {
      if (passed.next > first && budget.spent()) return;
      passed.next++;
      passed.passedBytes += object.size;
      budget.spend(WORK.listedFile);
      if (!await hasOwnKeys(object)) {
        const key = mediaManifestKey(run.project, run.recoveryPoint);
        const what = `${MANIFEST}: file ${object.bucket}/${object.path}`;
        findings.add({ half: "media", key, what, code: "manifest_foreign", reason: `it names ${object.s3Key}` });
        continue;
      }
      passed.lastKey = object.s3Key;
      const wanted = findings.isKnown(objectThing(object)) || share >= 1 || dependencies.random() < share;
      const wholly = wanted && isReadable(context, object);
      // Spent here and not when it is read: several are read at once, and the next must not be chosen before.
      if (wholly) budget.spend(readingCost(object));
      if (wanted && !wholly) findings.warnings.push(TOO_LARGE);
      yield { object, listed: await cursor.find(object.bucket, object.s3Key), wholly };
    }
    passed.all = true;
  } finally {
    await cursor.close();
  }
}
