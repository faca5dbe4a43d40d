import type { BackupHistoryRow } from "../../contract/mod.ts";
import { mediaManifestKey, r2InventoryKey } from "../format/keys.ts";
import { eachAtOnce } from "../each_at_once.ts";
import { headOrMissing } from "../store/head_or_missing.ts";
import type { ListedObject } from "../store/object_store.ts";
import { checkObject, objectThing } from "./check_object.ts";
import { hasOwnKeys } from "../format/own_keys.ts";
import { ListingCursor } from "../points/listing_cursor.ts";
import type { ManifestObject, MediaManifestHead } from "../format/media_manifest.ts";
import { MediaManifestDamage, type MediaManifestReading, readMediaManifest } from "../points/read_media_manifest.ts";
import { sampleShare } from "./sampling.ts";
import type { VerifyContext } from "./verify_context.ts";

export interface MediaCoverage {
  /** Files that the store has in the right size and version, or that were read. */
  readonly filesChecked: number;
  /** Files of which every byte was compared. */
  readonly filesRead: number;
  readonly filesTotal: number;
  readonly bytesRead: number;
  /** Of all files of the point. */
  readonly bytesTotal: number;
  readonly damaged: readonly ManifestObject[];
  /** False when files are stored, and the budget allowed none to be looked at. */
  readonly looked: boolean;
}

/** What the damage lists call the manifest and the inventory. */
const MANIFEST = "the media manifest";
const INVENTORY = "the R2 inventory";

/** A page of a listing costs about as much CPU as 15 HEAD requests, and tells of a thousand objects. */
const OBJECTS_PER_REQUEST = 60;

/**
 * Checks the files of a recovery point: each one's presence, size and version, and of a share every byte. Throws what the
 * store throws when it does not answer, and `format_unknown`.
 */
export async function checkMedia(context: VerifyContext, row: BackupHistoryRow | null): Promise<MediaCoverage> {
  const { findings, run } = context;
  const nothing = {
    filesChecked: 0,
    filesRead: 0,
    filesTotal: Number(row?.files ?? 0),
    bytesRead: 0,
    bytesTotal: Number(row?.raw_bytes ?? 0),
    damaged: [],
    looked: true,
  };
  const thing = { half: "media", key: mediaManifestKey(run.project, run.recoveryPoint), what: MANIFEST } as const;
  const stored = await fetchManifest(context, thing.key, row);
  if (stored === undefined) return nothing;
  if (stored === "left out") return { ...nothing, looked: false };
  try {
    if (row?.checksum && sha256Of(context, stored) !== row.checksum) {
      throw new MediaManifestDamage("its bytes are not those that were stored (SHA-256)");
    }
    const manifest = await readMediaManifest(stored, thing.key);
    const { project, recoveryPoint } = manifest.head;
    if (project !== run.project || recoveryPoint !== run.recoveryPoint) {
      findings.add({ ...thing, code: "manifest_foreign", reason: "it says that it belongs to another recovery point" });
      return nothing;
    }
    await checkInventory(context, manifest.head);
    const coverage = await checkObjects(context, manifest);
    findings.checkedAll(thing.key);
    return coverage;
  } catch (error) {
    if (!(error instanceof MediaManifestDamage)) throw error;
    findings.add({ ...thing, code: "manifest_damaged", reason: error.message });
    return nothing;
  }
}

/** The manifest's bytes; undefined when there is none. That, and that it does not fit into the budget, is noted. */
async function fetchManifest(
  { dependencies, findings, budget, run }: VerifyContext,
  key: string,
  row: BackupHistoryRow | null,
): Promise<Uint8Array<ArrayBuffer> | "left out" | undefined> {
  const info = await headOrMissing(dependencies.store, key, undefined, run.signal);
  if (!info) {
    const isStored = row !== null && ["success", "partial", "damaged"].includes(row.status);
    const reason = "the store says that it is not there";
    if (isStored) findings.add({ half: "media", key, what: MANIFEST, code: "object_missing", reason });
    else {findings.warnings.push(
        "The files of this point have not been stored (yet), so only the database was checked.",
      );}
    return undefined;
  }
  if (!budget.take({ readBytes: info.sizeBytes })) {
    findings.warnings.push(
      "The media manifest did not fit into what a worker may read, so no file was checked: use the command line.",
    );
    return "left out";
  }
  const { body } = await dependencies.store.get(key, { ifMatch: info.etag }, run.signal);
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** The list of what lies in R2 is part of the point, though R2's bytes are not. */
async function checkInventory(context: VerifyContext, { r2 }: MediaManifestHead): Promise<void> {
  const { dependencies, findings, budget, run } = context;
  if (!r2) return;
  const thing = { half: "media", key: r2InventoryKey(run.project, run.recoveryPoint), what: INVENTORY } as const;
  if (r2.key !== thing.key) {
    findings.add({ ...thing, code: "manifest_foreign", reason: `the media manifest names ${r2.key}` });
    return;
  }
  const info = await headOrMissing(dependencies.store, thing.key, undefined, run.signal);
  if (!info) {
    findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
    return;
  }
  if (!budget.take({ readBytes: info.sizeBytes })) return;
  const { body } = await dependencies.store.get(thing.key, {}, run.signal);
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  if (sha256Of(context, bytes) === r2.checksum) findings.checked(thing);
  else {
    findings.add({ ...thing, code: "checksum_differs", reason: "its bytes are not those that were stored (SHA-256)" });
  }
}

interface ChosenObject {
  readonly object: ManifestObject;
  readonly listed: ListedObject | undefined;
  readonly wholly: boolean;
}

async function checkObjects(context: VerifyContext, { head, objects }: MediaManifestReading): Promise<MediaCoverage> {
  const { run, settings } = context;
  const { files, bytes } = head.totals;
  const damaged: ManifestObject[] = [];
  let filesChecked = 0;
  let filesRead = 0;
  let bytesRead = 0;
  const seen = { files: 0, bytes: 0 };
  await eachAtOnce(choose(context, head, objects, seen), settings.filesAtOnce, async ({ object, listed, wholly }) => {
    run.signal.throwIfAborted();
    const check = await checkObject(context, object, listed, wholly);
    if (check !== "left out") filesChecked++;
    if (check === "read") {
      filesRead++;
      bytesRead += object.size;
    }
    if (check === "damaged") damaged.push(object);
    run.report({ phase: "files", filesDone: filesChecked, filesTotal: files, bytesDone: bytesRead });
  });
  if (seen.files !== files || seen.bytes !== bytes) {
    throw new MediaManifestDamage(
      `it lists ${seen.files} files of ${seen.bytes} bytes, and says that there are ${files} of ${bytes}`,
    );
  }
  const looked = files === 0 || filesChecked > 0 || damaged.length > 0;
  return { filesChecked, filesRead, filesTotal: files, bytesRead, bytesTotal: bytes, damaged, looked };
}

/** Which files are looked at, and which of them are read: chance decides, so that each verify looks at others. */
async function* choose(
  context: VerifyContext,
  { totals }: MediaManifestHead,
  objects: AsyncIterable<ManifestObject>,
  seen: { files: number; bytes: number },
): AsyncGenerator<ChosenObject> {
  const { budget, dependencies, findings, request, run } = context;
  const files = Math.max(1, totals.files);
  const readShare = Math.min(
    sampleShare(request, totals.bytes),
    budget.readBytesLeft / Math.max(1, totals.bytes),
    budget.requestsLeft / 2 / files,
  );
  const isListed = files / OBJECTS_PER_REQUEST <= budget.requestsLeft / 2;
  const presentShare = isListed ? 1 : budget.requestsLeft / 2 / files;
  const cursor = isListed ? new ListingCursor(dependencies.store, run.signal) : undefined;
  if (isListed) budget.take({ requests: Math.ceil(files / OBJECTS_PER_REQUEST) });
  try {
    for await (const object of objects) {
      seen.files++;
      seen.bytes += object.size;
      if (!await hasOwnKeys(object)) {
        const key = mediaManifestKey(run.project, run.recoveryPoint);
        const what = `${MANIFEST}: file ${object.bucket}/${object.path}`;
        findings.add({ half: "media", key, what, code: "manifest_foreign", reason: `it names ${object.s3Key}` });
        continue;
      }
      const isKnown = findings.isKnown(objectThing(object));
      if (!isKnown && dependencies.random() >= presentShare) continue;
      const wholly = isKnown || readShare >= 1 || dependencies.random() < readShare / presentShare;
      yield { object, listed: await cursor?.find(object.bucket, object.s3Key), wholly };
    }
  } finally {
    await cursor?.close();
  }
}

function sha256Of({ dependencies }: VerifyContext, bytes: Uint8Array): string {
  const sum = dependencies.checksums.sha256();
  sum.update(bytes);
  return `sha256:${sum.hex()}`;
}
