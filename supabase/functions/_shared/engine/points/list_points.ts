import type { DumpManifest } from "../../contract/mod.ts";
import { hasCode } from "../errors.ts";
import { parsePoint, parsePointKey, type PointFile, POINTS_PREFIX } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readManifest } from "./read_manifest.ts";
import { readMediaHead } from "./read_media_head.ts";

/** A recovery point as the bucket describes it; the project's database is not asked. */
export interface ListedPoint {
  readonly project: string;
  /** `2026-11-21T02-17-00Z` */
  readonly recoveryPoint: string;
  /** The time of the recovery point as ISO 8601. */
  readonly takenAt: string;
  /** True when dump and files both have their manifest and neither manifest names anything missing. */
  readonly complete: boolean;
  readonly database: { tables: number; rows: number; bytes: number; rawBytes: number; missing: number } | null;
  /** `bytes` counts all files of the point, most of which other points share. */
  readonly media: { files: number; bytes: number; skipped: number } | null;
  /** Why the point is not complete; empty when it is. */
  readonly problems: readonly PointProblem[];
}

export interface PointProblem {
  readonly code: string;
  readonly message: string;
}

/** The files of one recovery point that a listing of the bucket showed. Their content was not read. */
export interface FoundPoint {
  readonly project: string;
  readonly recoveryPoint: string;
  readonly files: ReadonlySet<PointFile>;
}

/**
 * Lists every recovery point of which the bucket holds at least one file, the newest first. Throws the store's errors.
 * May be repeated.
 */
export async function findPoints(
  store: ObjectStore,
  project?: string,
  signal?: AbortSignal,
): Promise<readonly FoundPoint[]> {
  const found = new Map<string, FoundPoint & { files: Set<PointFile> }>();
  for await (const { key } of store.list(POINTS_PREFIX, signal)) {
    const name = parsePointKey(key);
    if (!name || (project !== undefined && name.project !== project)) continue;
    const id = `${name.point} ${name.project}`;
    const point = found.get(id) ?? { project: name.project, recoveryPoint: name.point, files: new Set<PointFile>() };
    point.files.add(name.file);
    found.set(id, point);
  }
  return [...found].sort(([one], [other]) => one < other ? 1 : -1).map(([, point]) => point);
}

/**
 * Describes a recovery point by its manifests. A manifest that is damaged or of an unknown format becomes one of the
 * point's problems, so that the other points are still listed. Throws the store's errors.
 */
export async function describePoint(
  store: ObjectStore,
  { project, recoveryPoint, files }: FoundPoint,
  signal?: AbortSignal,
): Promise<ListedPoint> {
  const problems: PointProblem[] = [];
  const attempt = async <Read>(file: PointFile, read: () => Promise<Read>): Promise<Read | undefined> => {
    if (!files.has(file)) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!hasCode(error, "manifest_damaged", "format_unknown", "point_missing")) throw error;
      problems.push({ code: error.code, message: error.message });
    }
  };
  const dump = await attempt(
    "manifest",
    async () => (await readManifest(store, project, recoveryPoint, signal)).manifest,
  );
  const media = await attempt("mediaManifest", () => readMediaHead(store, project, recoveryPoint, signal));
  const database = dump ? databaseFigures(dump) : null;
  problems.push(...absences(files), ...gaps(database?.missing ?? 0, media?.totals.skipped ?? 0));
  return {
    project,
    recoveryPoint,
    takenAt: parsePoint(recoveryPoint).toISOString(),
    complete: problems.length === 0,
    database,
    media: media ? { files: media.totals.files, bytes: media.totals.bytes, skipped: media.totals.skipped } : null,
    problems,
  };
}

function databaseFigures({ tables, dump, ledger }: DumpManifest) {
  return {
    tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    bytes: dump.sizeBytes,
    rawBytes: dump.rawBytes,
    missing: ledger.filter((entry) => entry.severity === "missing").length,
  };
}

function absences(files: ReadonlySet<PointFile>): PointProblem[] {
  if (files.has("manifest")) {
    return files.has("mediaManifest")
      ? []
      : [{ code: "media_absent", message: "The files of this point are not stored (yet)." }];
  }
  return files.has("dump")
    ? [{ code: "manifest_absent", message: "The dump has no manifest: it was never finished and is no backup." }]
    : [{ code: "database_absent", message: "Files only: this point has no dump." }];
}

function gaps(missing: number, skipped: number): PointProblem[] {
  return [
    ...missing > 0 ? [{ code: "backup_incomplete", message: `${missing} database objects are missing.` }] : [],
    ...skipped > 0 ? [{ code: "files_skipped", message: `${skipped} files were skipped.` }] : [],
  ];
}
