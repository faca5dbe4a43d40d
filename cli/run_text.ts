import type { BackupHistoryRow } from "../supabase/functions/_shared/contract/mod.ts";
import { formatCount, formatDecimalBytes, formatDuration } from "./figures.ts";

/** Most lines of a list that are shown; the history has all. */
const MOST_LINES = 10;

/** Describes the outcome of a run to people. */
export function describeRun(row: BackupHistoryRow): string {
  const figures = [
    row.tables !== null && `${formatCount(row.tables)} tables`,
    row.rows !== null && `${formatCount(row.rows)} rows`,
    row.files !== null && `${formatCount(row.files)} files`,
    row.skipped && `${formatCount(row.skipped)} skipped`,
    row.bytes !== null && `${formatDecimalBytes(row.bytes)} stored`,
    row.duration_ms !== null && formatDuration(row.duration_ms),
  ].filter((part) => part);
  const lines = [`${row.kind.padEnd(8)} ${[row.status, ...figures].join(", ")}`];
  if (row.s3_key !== null) lines.push(`         ${row.s3_key}`);
  if (row.error_message !== null) lines.push(`         ${row.error_message} (${row.error_code})`);
  if (row.error_hint !== null) lines.push(`         ${row.error_hint}`);
  lines.push(...remarks(row).map((remark) => `         ${remark}`));
  return lines.join("\n");
}

/** The parts of a run's `details` that a person should read. */
function remarks({ details }: BackupHistoryRow): string[] {
  const { warnings = [], skipped = [] } = (details ?? {}) as {
    warnings?: readonly string[];
    skipped?: readonly { bucket: string; path: string; reason: string }[];
  };
  const all = [
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...skipped.map(({ bucket, path, reason }) => `Skipped: ${bucket}/${path}: ${reason}`),
  ];
  return all.length <= MOST_LINES ? all : [...all.slice(0, MOST_LINES), `… and ${all.length - MOST_LINES} more.`];
}
