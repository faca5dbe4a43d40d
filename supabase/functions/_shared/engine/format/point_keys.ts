import { LifeboatError } from "../errors.ts";
import { POINTS_PREFIX } from "./layout.ts";

const POINT_SUFFIXES = {
  dump: ".json.gz",
  mediaManifest: ".media.json.gz",
  r2Inventory: ".r2.json",
  manifest: ".manifest.json",
} as const;

/** The kinds of files that make up a recovery point. */
export type PointFile = keyof typeof POINT_SUFFIXES;

/** The key of the dump, which is one gzipped JSON document. */
export function dumpKey(project: string, point: string): string {
  return pointKey(project, point, "dump");
}

/** The key of the dump's manifest. The manifest is written after the dump: without it there is no backup. */
export function manifestKey(project: string, point: string): string {
  return pointKey(project, point, "manifest");
}

/** The key of a recovery point's media manifest. */
export function mediaManifestKey(project: string, point: string): string {
  return pointKey(project, point, "mediaManifest");
}

/** The key of a recovery point's R2 inventory. */
export function r2InventoryKey(project: string, point: string): string {
  return pointKey(project, point, "r2Inventory");
}

function pointKey(project: string, point: string, file: PointFile): string {
  parsePoint(point);
  return `${POINTS_PREFIX}${validProject(project)}-backup-${point}${POINT_SUFFIXES[file]}`;
}

/**
 * The project, recovery point and kind of file that a key under `backups/` names; undefined for any other key, such as
 * the guide or somebody's own file. The key is read from its end, so that files of project `a-backup-b` are not taken
 * for files of project `a`.
 */
export function parsePointKey(key: string): { project: string; point: string; file: PointFile } | undefined {
  const match = /^backups\/(.+)-backup-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(\.[a-z0-9.]+)$/.exec(key);
  if (!match) return undefined;
  const [, project, point, suffix] = match;
  const file = (Object.keys(POINT_SUFFIXES) as PointFile[]).find((name) => POINT_SUFFIXES[name] === suffix);
  if (!file || !isProjectName(project) || !isPoint(point)) return undefined;
  return { project, point, file };
}

/** True for 1 to 63 letters, digits, `-`, `_` and `.`, of which the first is a letter or digit. */
export function isProjectName(project: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(project);
}

/** Returns the name unchanged. Throws `project_name_invalid`. */
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

/** The text that identifies a recovery point everywhere: its time in UTC, to the second, as `2026-11-21T02-17-00Z`. */
export function formatPoint(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw invalidPoint(String(date.getTime()));
  return date.toISOString().slice(0, 19).replaceAll(":", "-") + "Z";
}

/** The time that a recovery point's text names. Throws `point_invalid`. */
export function parsePoint(point: string): Date {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/.exec(point);
  const date = match ? new Date(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : undefined;
  // Date turns 31 February into 3 March without an error, so the text is only valid if it is written the same again.
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
