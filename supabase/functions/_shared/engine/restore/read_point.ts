import { type DumpManifest, dumpManifest } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Decompressor } from "../decompression.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { isProjectName, manifestKey, parsePoint, parsePointKey, pointsPrefix } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readText } from "../store/read_text.ts";
import { backupDamaged } from "./backup_damaged.ts";
import { checkManifest } from "./check_manifest.ts";

export interface PointReader {
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly decompressor: Decompressor;
}

export interface FoundPoint {
  readonly project: string;
  readonly point: string;
}

/** A recovery point whose manifest was read and agrees with itself. */
export interface OpenPoint {
  readonly manifest: DumpManifest;
  /** Of the manifest's bytes, hex: a plan holds it, so that it is applied to the very backup that was shown. */
  readonly manifestSha256: string;
  /** Which version of the dump's object is the one that was written; undefined for the newest. */
  readonly dumpVersionId: string | undefined;
}

/** A manifest names every table and member: 100,000 members are about 20 MB. */
const LARGEST_MANIFEST_BYTES = 512 * 1024 * 1024;

/** The half of a recovery point that is meant: a dump of the database, or files. Only what has its manifest is a backup. */
export type PointHalf = "manifest" | "mediaManifest";

/** Every recovery point of the bucket, the newest first. */
export async function listPoints(
  store: ObjectStore,
  project?: string,
  half: PointHalf = "manifest",
  signal?: AbortSignal,
): Promise<FoundPoint[]> {
  const points: FoundPoint[] = [];
  for await (const { key } of store.list(pointsPrefix, signal)) {
    const parsed = parsePointKey(key);
    if (parsed?.file !== half || project !== undefined && parsed.project !== project) continue;
    points.push({ project: parsed.project, point: parsed.point });
  }
  return points.sort((a, b) => a.point < b.point ? 1 : a.point > b.point ? -1 : a.project < b.project ? -1 : 1);
}

/**
 * The point that is meant by a timestamp or `latest`. Throws `point_missing`, and `point_ambiguous` when the bucket holds
 * points of several projects and none was named.
 */
export async function findPoint(
  store: ObjectStore,
  wanted: { readonly project?: string; readonly point: string },
  half: PointHalf = "manifest",
  signal?: AbortSignal,
): Promise<FoundPoint> {
  const { project, point } = wanted;
  if (point !== "latest") parsePoint(point);
  if (project !== undefined && point !== "latest" && isProjectName(project)) {
    return { project, point };
  }
  const points = await listPoints(store, project, half, signal);
  const found = point === "latest" ? points : points.filter((entry) => entry.point === point);
  if (found.length === 0) throw pointMissing(point, project);
  const projects = [...new Set(found.map((entry) => entry.project))];
  if (projects.length === 1) return found[0];
  throw new LifeboatError({
    code: "point_ambiguous",
    kind: "permanent",
    message: `The bucket holds recovery points of several projects: ${projects.join(", ")}.`,
    hint: "Say which project is meant.",
    operation: "restore.point",
  });
}

/**
 * Reads and checks the manifest of a point, and finds the bytes of its dump. Throws `point_missing`, `format_unknown` for
 * a version that this program does not know, `backup_damaged`, and what the store throws.
 */
export async function openPoint(reader: PointReader, found: FoundPoint, signal?: AbortSignal): Promise<OpenPoint> {
  const key = manifestKey(found.project, found.point);
  const text = await readManifestText(reader.store, key, found, signal);
  const sum = reader.checksums.sha256();
  sum.update(new TextEncoder().encode(text));
  const manifest = parseManifest(text, key);
  checkManifest(manifest, { ...found, key }, reader.checksums);
  return {
    manifest,
    manifestSha256: sum.hex(),
    dumpVersionId: await locateDump(reader.store, manifest, signal),
  };
}

async function readManifestText(
  store: ObjectStore,
  key: string,
  found: FoundPoint,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const { sizeBytes } = await store.head(key, undefined, signal);
    if (sizeBytes > LARGEST_MANIFEST_BYTES) {
      throw backupDamaged(key, `its manifest has ${sizeBytes} bytes, more than any that Lifeboat wrote`);
    }
    return await readText(store, key, signal);
  } catch (error) {
    if (hasCode(error, "object_missing")) throw pointMissing(found.point, found.project, error);
    throw error;
  }
}

function parseManifest(text: string, key: string): DumpManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw backupDamaged(key, "its manifest is not JSON", cause);
  }
  assertFormat(value, "lifeboat-manifest", 1, key);
  const parsed = dumpManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw backupDamaged(key, `its manifest is malformed at ${issue.path.join(".")} (${issue.message})`, parsed.error);
}

/** Refuses what another kind of file or a later version of Lifeboat wrote: read by today's rules it might mean anything. */
export function assertFormat(value: unknown, format: string, version: number, key: string): void {
  const { format: found, formatVersion } = (typeof value === "object" && value !== null ? value : {}) as {
    format?: unknown;
    formatVersion?: unknown;
  };
  if (found !== format) throw backupDamaged(key, `${key} is not a ${format} file`);
  if (formatVersion === version) return;
  throw new LifeboatError({
    code: "format_unknown",
    kind: "permanent",
    message: `${key} is written in version ${String(formatVersion)} of its format, and this Lifeboat knows ${version}.`,
    hint: "Use the version of Lifeboat that made this backup, or a newer one.",
    operation: "restore.read",
    subject: key,
  });
}

/**
 * The newest version of the dump's key, or the one that was written where somebody put another in its place. Which it
 * really is, the members' checksums prove; here only what cannot be it is told early.
 */
async function locateDump(
  store: ObjectStore,
  { dump }: DumpManifest,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const sizes: string[] = [];
  for (const versionId of dump.versionId === null ? [undefined] : [undefined, dump.versionId]) {
    try {
      const { sizeBytes, etag } = await store.head(dump.key, versionId === undefined ? {} : { versionId }, signal);
      // Another ETag with the right size may be a copy made by another provider: believed until a checksum says no.
      const isLast = versionId !== undefined || dump.versionId === null;
      if (sizeBytes === dump.sizeBytes && (etag === dump.etag || isLast)) return versionId;
      sizes.push(`has ${sizeBytes} bytes and ETag ${etag}, not ${dump.sizeBytes} and ${dump.etag}`);
    } catch (error) {
      if (!hasCode(error, "object_missing")) throw error;
      sizes.push("is missing");
    }
  }
  throw backupDamaged(dump.key, `${dump.key} ${sizes[0]}`);
}

function pointMissing(point: string, project: string | undefined, cause?: unknown): LifeboatError {
  const of = project === undefined ? "" : ` of project ${project}`;
  return new LifeboatError({
    code: "point_missing",
    kind: "missing",
    message: point === "latest"
      ? `The bucket holds no recovery point${of}.`
      : `The bucket holds no recovery point ${point}${of}: there is no manifest, so there is no backup.`,
    hint: "`npm run lifeboat -- list` shows what there is. Check AWS_S3_BUCKET and S3_PREFIX.",
    operation: "restore.point",
    subject: point,
    cause,
  });
}
