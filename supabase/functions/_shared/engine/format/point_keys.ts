import { LifeboatError } from "../errors.ts";
import { pointsPrefix } from "./layout.ts";

const pointSuffixes = {
  dump: ".json.gz",
  mediaManifest: ".media.json.gz",
  r2Inventory: ".r2.json",
  manifest: ".manifest.json",
} as const;

/** What kind of file of a recovery point a key holds. */
export type PointFile = keyof typeof pointSuffixes;

/** The dump: one JSON document, gzipped. */
export function dumpKey(project: string, point: string): string {
  return pointKey(project, point, "dump");
}

/** The manifest of a recovery point. Written last: without it there is no backup. */
export function manifestKey(project: string, point: string): string {
  return pointKey(project, point, "manifest");
}

/** The media manifest of a recovery point. */
export function mediaManifestKey(project: string, point: string): string {
  return pointKey(project, point, "mediaManifest");
}

/** The R2 inventory of a recovery point. */
export function r2InventoryKey(project: string, point: string): string {
  return pointKey(project, point, "r2Inventory");
}

function pointKey(project: string, point: string, file: PointFile): string {
  parsePoint(point);
  return `${pointsPrefix}${validProject(project)}-backup-${point}${pointSuffixes[file]}`;
}

/**
 * Which project, recovery point and file a key under `backups/` belongs to; undefined for anything else (the guide, or
 * somebody's own file). Reads from the right, so that project `a` does not take what belongs to project `a-backup-b`.
 */
export function parsePointKey(key: string): { project: string; point: string; file: PointFile } | undefined {
  const match = /^backups\/(.+)-backup-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(\.[a-z0-9.]+)$/.exec(key);
  if (!match) return undefined;
  const [, project, point, suffix] = match;
  const file = (Object.keys(pointSuffixes) as PointFile[]).find((name) => pointSuffixes[name] === suffix);
  if (!file || !isProjectName(project) || !isPoint(point)) return undefined;
  return { project, point, file };
}

/** True for 1 to 63 letters, digits, `-`, `_` and `.`, the first a letter or digit. */
export function isProjectName(project: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(project);
}

/** The name itself. Throws `project_name_invalid`. */
export function validProject(project: string): string {
  if (isProjectName(project)) return project;
  throw new LifeboatError({
    code: "project_name_invalid",
    kind: "permanent",
    message: `"${project}" cannot be a project's name in S3 keys.`,
    hint: "Use 1 to 63 letters, digits, hyphens, underscores and dots, beginning with a letter or digit.",
    subject: project,
  });
}

/** The text that identifies a recovery point everywhere: UTC, to the second, `2026-11-21T02-17-00Z`. */
export function formatPoint(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw invalidPoint(String(date.getTime()));
  return date.toISOString().slice(0, 19).replaceAll(":", "-") + "Z";
}

/** The time that a recovery point's text stands for. Throws `point_invalid`. */
export function parsePoint(point: string): Date {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/.exec(point);
  const date = match ? new Date(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : undefined;
  // Date turns 31 February into 3 March: only what comes back the same was a time.
  if (!date || Number.isNaN(date.getTime()) || formatPoint(date) !== point) throw invalidPoint(point);
  return date;
}

function isPoint(point: string): boolean {
  try {
    parsePoint(point);
    return true;
  } catch {
    return false;
  }
}

function invalidPoint(point: string): LifeboatError {
  return new LifeboatError({
    code: "point_invalid",
    kind: "permanent",
    message: `"${point}" is not a recovery point.`,
    hint: "Write it like 2026-11-21T02-17-00Z (UTC).",
    subject: point,
  });
}
